"""What column names say about a column's role, in many languages."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

EXACT: Final = 1.0
"""Score of a name that is the role's first alias; later ones score a little less."""
_STEP: Final = 0.012
_ENDING: Final = 0.6
_PHRASE: Final = 0.55


def normalise_header(name: str) -> str:
    """Give a column name as lower-case words without accents: `reviews.dateAdded` is `reviews date added`."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    folded = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w#]|_", " ", plain.replace("\u0131", "i")).split())


@dataclass(frozen=True)
class RoleHeaders:
    """How the names of one role's columns look.

    Attributes:
        aliases: Whole names, the surest first, separated by commas.
        endings: Names that may stand behind other words (`airline_sentiment`).
        phrases: Words that say it anywhere in a name, for questions as headers.
        against: Words that rule the role out, whatever the ending.
        unlike: Words that rule it out where neither alias nor ending fits.
    """

    aliases: str
    endings: str = ""
    phrases: str = ""
    against: str = ""
    unlike: str = ""


_OTHER_PARTIES: Final = (
    "reply,replied,replies,response,developer,merchant,owner,company,author,nickname,username,reviewer,"
    "user,customer,consumer,email,mail,url,link,photo,photos,picture,pictures,image,images,img,video,"
    "videos,count,counts,helpful,helpfulness,votes,vote,ip,parent,confidence,gold,reason,negativereason,"
    "predicted,translated,antwort,reponse,respuesta,risposta,resposta,yanit,odpowiedz,ответ,返信,回复,"
    "답변,language,lang,locale,version,number,total,status"
)

HEADERS: Final[dict[str, RoleHeaders]] = {
    "text": RoleHeaders(
        aliases=(
            "review text,review body,review content,review comment,customer review,text review,"
            "reviews text,body text,comment text,comment content,comment body,review description,"
            "full review,review message,satisfaction comment,open ended response,review,body,text,content,"
            "reviews,testo,texte,texto,tekst,текст,bewertungstext,rezensionstext,rezension,rezensionen,"
            "kommentar,meinung,kundenmeinung,avis,avis client,commentaire,commentaires,texte de l avis,"
            "contenu de l avis,resena,resenas,opinion,opiniones,comentario,comentarios,texto de la resena,"
            "recensione,recensioni,commento,testo recensione,testo della recensione,avaliacao,"
            "texto da avaliacao,comentario do cliente,yorum,yorumlar,degerlendirme metni,yorum metni,"
            "musteri yorumu,opinia,opinie,recenzja,tresc,tresc opinii,komentarz,beoordelingstekst,"
            "recensie,reactie,opmerking,omdome,recension,kommentti,arvostelu,anmeldelse,kommentar tekst,"
            "omtale,отзыв,отзывы,комментарий,текст отзыва,відгук,hodnoceni text,recenze,ertekeles szovege,"
            "velemeny,recenzie,レビュー本文,レビュー,口コミ,本文,コメント,感想,评论,评论内容,评价,"
            "评价内容,内容,評論,評論內容,리뷰,리뷰 내용,리뷰내용,후기,내용,التعليق,مراجعة,المراجعة,ביקורת,"
            "תגובה,κριτικη,σχολιο,ulasan,komentar,danh gia,nhan xet,समीक्षा,feedback,customer feedback,"
            "feedback text,comment,comments,customer comment,customer comments,remark,remarks,message,"
            "verbatim,testimonial,tweet,tweet text,review summary text"
        ),
        endings=(
            "review text,review body,review content,review,text,body,content,comment,comments,feedback,"
            "remark,message,verbatim,yorumu,yorum,kommentar,commentaire,comentario,commento"
        ),
        phrases=(
            "tell us,what did you,what do you,why did you,any other,anything else,share your,"
            "in your own words,describe your,how can we improve,how could we improve,additional comments,"
            "suggestions"
        ),
        against=_OTHER_PARTIES,
        unlike=(
            "date,time,id,title,headline,rating,score,stars,name,address,tags,approved,type,sku,gmt,"
            "created,updated,category,sentiment,label,subject,average,agent"
        ),
    ),
    "rating": RoleHeaders(
        aliases=(
            "rating,star rating,stars,review rating,review score,review stars,score,reviews rating,"
            "overall rating,overall,overall score,reviewer score,customer rating,product rating,"
            "satisfaction score,csat,csat score,satisfaction rating,star,note,notation,note globale,"
            "etoiles,nombre d etoiles,sterne,anzahl sterne,sternebewertung,bewertung,gesamtbewertung,"
            "punkte,calificacion,puntuacion,valoracion,estrellas,nota,estrelas,classificacao,pontuacao,"
            "valutazione,punteggio,stelle,voto,puan,yildiz,yildiz sayisi,derecelendirme,degerlendirme,"
            "beoordeling,sterren,cijfer,score totale,ocena,gwiazdki,liczba gwiazdek,betyg,stjarnor,"
            "stjerner,karakter,arvosana,tahdet,оценка,рейтинг,звезды,оцінка,hodnoceni,hvezdicky,ertekeles,"
            "csillag,nota acordata,評価,星,星評価,点数,评分,星级,評分,星級,별점,평점,التقييم,تقييم,النجوم,"
            "דירוג,כוכבים,βαθμολογια,αστερια,peringkat,bintang,so sao,diem"
        ),
        endings="rating,star rating,stars,score",
        phrases="how satisfied,how would you rate,satisfaction with,rate your,how happy",
        against=(
            "average,avg,count,counts,nps,number,total,additional,id,date,time,at,remark,comment,reply,"
            "confidence,gold,predicted,polarity,sentiment,text,reason,mean,helpful,contact,name,url"
        ),
    ),
    "title": RoleHeaders(
        aliases=(
            "review title,review headline,reviews title,title,headline,review heading,heading,summary,"
            "review summary,titel,bewertungstitel,uberschrift,titre,titre de l avis,titulo,"
            "titulo de la resena,titulo da avaliacao,titolo,titolo recensione,baslik,yorum basligi,konu,"
            "tytul,tytul opinii,titel der bewertung,rubrik,otsikko,overskrift,заголовок,заголовок отзыва,"
            "тема,nadpis,cim,titlu,タイトル,レビュータイトル,標題,标题,제목,리뷰 제목,العنوان,כותרת,"
            "τιτλος,judul,tieu de"
        ),
        endings="review title,review headline",
        against="product,item,job,book,movie,url,id,date,page,reply,user,parent",
    ),
    "date": RoleHeaders(
        aliases=(
            "review date,reviews date,date of review,review creation date,review created,"
            "review created utc,review submit date and time,review time,reviewed at,review submitted at,"
            "comment date,tweet created,created at,date created,created date,create time,created time,"
            "created,creation date,date,datetime,submitted at,submit date,submit date utc,submission date,"
            "date submitted,posted at,date posted,published at,published date,publish date,timestamp,"
            "time stamp,time,at,response date,recorded date,end date,completed at,updated at,last updated,"
            "unix review time,start date,start date utc,datum,bewertungsdatum,erstellt am,date de l avis,"
            "date avis,date de publication,fecha,fecha de la resena,fecha de creacion,data,"
            "data recensione,data da avaliacao,data de criacao,tarih,yorum tarihi,olusturulma tarihi,"
            "data opinii,data dodania,beoordelingsdatum,skapad,dato,paivamaara,дата,дата отзыва,"
            "datum recenze,letrehozva,datum kelte,日付,投稿日,レビュー日,日時,日期,评论时间,評論日期,时间,"
            "작성일,날짜,등록일,التاريخ,תאריך,ημερομηνια,tanggal,ngay"
        ),
        endings="review date,created at,created",
        against=(
            "reply,replied,last,millis,gmt,birth,purchase,order,expiry,parent,days,user,seen,added,first"
        ),
    ),
    "label": RoleHeaders(
        aliases=(
            "label,labels,sentiment,sentiment label,label text,class,class label,polarity,target,"
            "gold label,gold sentiment,gold,stimmung,sentiments,sentimento,sentimiento,duygu,тональность,"
            "感情,情感,감정"
        ),
        endings="sentiment,label,polarity",
        against="confidence,predicted,score,gold,id,reason,name,count",
    ),
    "split": RoleHeaders(aliases="split,data split,dataset split,partition,subset"),
    "id": RoleHeaders(
        aliases=(
            "review id,reviews id,reviewid,comment id,feedback id,tweet id,response id,respondent id,"
            "ticket id,conversation id,id,uuid,guid,review number,ticket number,record id,entry id,row id,"
            "#,no,bewertungs id,rezensions id,id avis,identifiant,id resena,id recensione,id da avaliacao,"
            "yorum id,yorum no,talep no,talep numarasi,id opinii,recensie id,ид,номер,レビューid,番号,"
            "编号,评论id,번호,리뷰 번호,المعرف,מזהה"
        ),
    ),
    "product": RoleHeaders(
        aliases=(
            "product name,product title,product,product handle,handle,item name,item title,item,"
            "product id,productid,asin,product sku,sku,product code,hotel name,restaurant name,"
            "business name,store name,app name,package name,business id,page id,item id,listing title,"
            "variant,product group,model,course,produkt,produktname,artikel,artikelname,produit,"
            "nom du produit,article,producto,nombre del producto,articulo,prodotto,nome prodotto,produto,"
            "nome do produto,urun,urun adi,urun ismi,nazwa produktu,productnaam,produktnamn,vare,tuote,"
            "товар,название товара,продукт,produkt nazev,termek,produs,商品,商品名,製品名,产品,产品名称,"
            "商品名称,產品名稱,상품,상품명,제품명,المنتج,اسم المنتج,מוצר,προιον,produk,nama produk,"
            "san pham,product url"
        ),
        endings="product name,product title,product id",
        against="parent,category,review,price,image",
    ),
}

_POSITIVE: Final = (
    "pros,pro,advantages,strengths,likes,liked,positive,like best,like most,vorteile,avantages,ventajas,"
    "artilari"
)
_NEGATIVE: Final = (
    "cons,con,disadvantages,weaknesses,dislikes,disliked,negative,dislike,like least,nachteile,"
    "inconvenients,desventajas,eksileri"
)
_NO_HALF: Final = _OTHER_PARTIES + ",counts,feedback,id,rating,score"


def score_header(name: str, role: str) -> float:
    """Score how well a name fits a role, about 0 to 1; a word that speaks against it makes it negative."""
    words = normalise_header(name)
    headers = HEADERS[role]
    aliases = _phrases(headers.aliases)
    if words in aliases:
        return EXACT - _STEP * min(aliases.index(words), 25)
    if _holds_word(words, headers.against):
        return -1.0
    if any(words.endswith(f" {ending}") for ending in _phrases(headers.endings)):
        return _ENDING
    if _holds_word(words, headers.unlike):
        return -1.0
    if any(f" {phrase} " in f" {words} " for phrase in _phrases(headers.phrases)):
        return _PHRASE
    return 0.0


def polarity_of(name: str) -> int:
    """Tell the half of a pair that a name stands for: 1 (pros, what was liked), -1 (cons), 0 (neither)."""
    words = normalise_header(name)
    if _holds_word(words, _NO_HALF):
        return 0
    if _holds_word(words, _NEGATIVE):
        return -1
    return int(_holds_word(words, _POSITIVE))


def find_column(name: str, columns: Sequence[str]) -> str | None:
    """Find the column that a user names: exactly, else the only one that is alike but for case and signs."""
    if name in columns:
        return name
    alike = [column for column in columns if normalise_header(column) == normalise_header(name)]
    return alike[0] if len(alike) == 1 else None


def _holds_word(words: str, listed: str) -> bool:
    return any(f" {phrase} " in f" {words} " for phrase in _phrases(listed))


@lru_cache
def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(normalise_header(phrase) for phrase in listed.split(",") if phrase)
