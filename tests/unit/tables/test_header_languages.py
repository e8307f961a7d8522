"""Made-up exports in many languages, as a local tool would write them."""

from pathlib import Path

import pytest

from sentiment.tables import ScaleFinder, iter_reviews, open_reader, resolve_roles
from sentiment.tables.values.dates import DateFinder

# Language: delimiter, columns (text, rating, title, date), and one row's text, title and date (day 2 to 28).
EXPORTS = {
    "German": (";", ("Kommentar", "Bewertung in Sternen", "Überschrift", "Erstellt am"),
               "Der Mantel {} hält sehr warm, nur der Reißverschluss klemmt.", "Mantel {}", "{:02}.03.2025"),
    "German with Bewertung as text": (";", ("Bewertung", "Sterne", "Titel", "Datum"),
               "Der Mantel {} hält sehr warm, nur der Reißverschluss klemmt.", "Mantel {}", "{:02}.03.2025"),
    "French": (";", ("Commentaire", "Note globale", "Titre de l'avis", "Date de publication"),
               "Le manteau {} tient bien chaud mais la fermeture se bloque.", "Manteau {}", "{:02}/03/2025"),
    "Spanish": (";", ("Opinión", "Calificación", "Título", "Fecha"),
               "El abrigo {} abriga mucho pero la cremallera se atasca.", "Abrigo {}", "{} de marzo de 2025"),
    "Italian": (";", ("Testo della recensione", "Valutazione", "Titolo", "Data"),
               "Il cappotto {} tiene molto caldo ma la cerniera si blocca.", "Cappotto {}", "{} marzo 2025"),
    "Portuguese": (";", ("Comentário", "Pontuação", "Título da avaliação", "Data de criação"),
               "O casaco {} aquece muito mas o fecho está sempre a prender.", "Casaco {}", "{:02}/03/2025"),
    "Dutch": (";", ("Recensietekst", "Beoordeling", "Titel", "Geplaatst op"),
               "De jas {} is erg warm maar de rits blijft steeds haken.", "Jas {}", "{:02}-03-2025"),
    "Swedish": (";", ("Omdöme", "Betyg", "Rubrik", "Datum"),
               "Kappan {} är väldigt varm men dragkedjan fastnar hela tiden.", "Kappa {}", "2025-03-{:02}"),
    "Danish": (";", ("Anmeldelse", "Antal stjerner", "Overskrift", "Dato"),
               "Frakken {} er meget varm, men lynlåsen sætter sig altid fast.", "Frakke {}", "{:02}.03.2025"),
    "Norwegian": (";", ("Omtale", "Terningkast", "Tittel", "Opprettet"),
               "Frakken {} er veldig varm, men glidelåsen setter seg fast.", "Frakk {}", "{:02}.03.2025"),
    "Finnish": (";", ("Arvosteluteksti", "Arvosana", "Otsikko", "Päivämäärä"),
               "Takki {} on todella lämmin mutta sen vetoketju jumittuu aina.", "Takki {}", "{}.3.2025"),
    "Polish": (";", ("Treść opinii", "Liczba gwiazdek", "Tytuł", "Data dodania"),
               "Płaszcz {} jest bardzo ciepły, ale zamek ciągle się zacina.", "Płaszcz {}", "{:02}.03.2025"),
    "Czech": (";", ("Text recenze", "Hodnocení", "Nadpis", "Datum"),
               "Kabát {} je opravdu teplý, ale zip se pořád zasekává.", "Kabát {}", "{}. 3. 2025"),
    "Hungarian": (";", ("Vélemény szövege", "Értékelés", "Cím", "Kelt"),
               "A kabát {} nagyon meleg, de a cipzár mindig beakad.", "Kabát {}", "2025.03.{:02}."),
    "Romanian": (";", ("Textul recenziei", "Stele", "Titlu", "Data publicării"),
               "Paltonul {} este foarte cald, dar fermoarul se blochează.", "Palton {}", "{:02}.03.2025"),
    "Turkish": (";", ("Değerlendirme metni", "Yıldız", "Başlık", "Oluşturulma tarihi"),
               "Palto {} çok sıcak tutuyor ama fermuarı sürekli takılıyor.", "Palto {}", "{} Mart 2025"),
    "Russian": (";", ("Текст отзыва", "Оценка", "Заголовок", "Дата отзыва"),
               "Пальто {} очень тёплое, но молния всё время заедает.", "Пальто {}", "{} марта 2025 г."),
    "Ukrainian": (";", ("Відгук", "Кількість зірок", "Заголовок", "Дата"),
               "Пальто {} дуже тепле, але блискавка весь час заїдає.", "Пальто {}", "{:02}.03.2025"),
    "Greek": (";", ("Σχόλιο", "Βαθμολογία", "Τίτλος", "Ημερομηνία"),
               "Το παλτό {} είναι πολύ ζεστό αλλά το φερμουάρ κολλάει συνέχεια.", "Παλτό {}", "{}/3/2025"),
    "Japanese": (",", ("レビュー本文", "総合評価", "タイトル", "投稿日"),
               "このコート{}は暖かいですが、ファスナーがよく引っかかります。", "コート{}", "2025年3月{}日"),
    "Chinese": (",", ("评价内容", "评分", "标题", "评论时间"),
               "这件大衣{}非常暖和，但是拉链总是卡住。", "大衣{}", "2025-03-{:02} 10:12:00"),
    "Korean": (",", ("리뷰 내용", "별점", "제목", "작성일"),
               "이 코트 {}는 아주 따뜻하지만 지퍼가 자꾸 걸립니다.", "코트 {}", "2025. 3. {}."),
    "Arabic": (",", ("نص المراجعة", "التقييم", "العنوان", "التاريخ"),
               "المعطف {} دافئ جدا لكن السحاب يعلق دائما.", "معطف {}", "2025/03/{:02}"),
    "Hebrew": (",", ("חוות דעת", "דירוג", "כותרת", "תאריך"),
               "המעיל {} חם מאוד אבל הרוכסן נתקע כל הזמן.", "מעיל {}", "{:02}/03/2025"),
    "Indonesian": (",", ("Isi ulasan", "Bintang", "Judul", "Tanggal"),
               "Mantel {} sangat hangat tetapi ritsletingnya sering macet.", "Mantel {}", "2025-03-{:02}"),
    "Vietnamese": (",", ("Nội dung đánh giá", "Số sao", "Tiêu đề", "Ngày tạo"),
               "Áo khoác {} rất ấm nhưng khóa kéo hay bị kẹt.", "Áo {}", "{:02}/03/2025"),
    "Thai": (",", ("ข้อความรีวิว", "คะแนน", "หัวข้อ", "วันที่"),
               "เสื้อโค้ทตัวที่ {} อุ่นมาก แต่ซิปติดตลอด", "เสื้อ {}", "2025-03-{:02}"),
    "Hindi": (",", ("समीक्षा", "रेटिंग", "शीर्षक", "दिनांक"),
               "यह कोट {} बहुत गर्म है लेकिन इसकी ज़िप बार बार अटकती है।", "कोट {}", "{:02}/03/2025"),
}  # fmt: skip


def write_export(path: Path, language: str) -> None:
    delimiter, columns, text, title, date = EXPORTS[language]
    lines = [delimiter.join(["Nr", *columns])]
    for day in range(2, 29):
        stars = f"{1 + day % 5}{',0' if delimiter == ';' else '.0'}"
        cells = [str(100 + day), f'"{text.format(day)}"', stars, title.format(day), date.format(day)]
        lines.append(delimiter.join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


@pytest.mark.parametrize("language", EXPORTS)
def test_an_export_in_another_language_is_understood(language, tmp_path):
    path = tmp_path / "export.csv"
    write_export(path, language)
    scale, order = ScaleFinder(), DateFinder()

    with open_reader(path) as reader:
        roles = resolve_roles(reader)
        reviews = list(iter_reviews(reader, roles))
    for review in reviews:
        scale.add(review.rating)
        order.add(review.date)

    assert (*roles.text, roles.rating, roles.title, roles.date) == EXPORTS[language][1]
    assert (scale.scale().highest, scale.scale().to_stars(reviews[0].rating)) == (5, 3)
    days = [order.order().parse(review.date) for review in reviews]
    assert [(day.year, day.month, day.day) for day in days] == [(2025, 3, day) for day in range(2, 29)]
