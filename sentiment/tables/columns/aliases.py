"""Names that the columns of each role have, in many languages."""
# ruff: noqa: RUF001 -- names in many alphabets

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class RoleHeaders:
    """How the names of one role's columns look; accents, case and signs do not matter.

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
    "predicted,translated,ownmsg,antwort,händlerantwort,réponse,respuesta,risposta,resposta,antwoord,svar,"
    "vastaus,yanıt,cevap,odpowiedź,odpověď,válasz,răspuns,ответ,відповідь,απάντηση,返信,返答,回复,回覆,"
    "답변,답글,الرد,תשובה,balasan,trả lời,language,lang,locale,version,number,total,status"
)

HEADERS: Final[dict[str, RoleHeaders]] = {
    "text": RoleHeaders(
        # The last of the phrases are words for a rating as well: what the column holds tells.
        aliases=(
            "review text,review body,review content,review comment,customer review,text review,"
            "reviews text,body text,comment text,comment content,comment body,review description,"
            "full review,review message,satisfaction comment,open ended response,review,body,text,content,"
            "reviews,feedback,customer feedback,feedback text,comment,comments,customer comment,"
            "customer comments,remark,remarks,message,verbatim,testimonial,tweet,tweet text,"
            "review summary text,climsg,"
            "bewertungstext,rezensionstext,rezension,rezensionen,kommentar,kommentare,meinung,kundenmeinung,"
            "kundenbewertung,kundenrezension,text der bewertung,rückmeldung,freitext,"
            "avis,avis client,commentaire,commentaires,texte,texte de l'avis,contenu de l'avis,"
            "texte du commentaire,votre avis,commentaire client,"
            "reseña,reseñas,opinión,opiniones,comentario,comentarios,texto,texto de la reseña,"
            "texto de la opinión,contenido,contenido de la reseña,valoración del cliente,"
            "recensione,recensioni,commento,commenti,testo,testo recensione,testo della recensione,opinione,"
            "avaliação,texto da avaliação,comentário do cliente,opinião,conteúdo,"
            "conteúdo da avaliação,depoimento,"
            "beoordelingstekst,recensie,recensietekst,tekst,tekst van de review,reactie,opmerking,"
            "opmerkingen,"
            "ervaring,toelichting,"
            "omdöme,omdömestext,recension,recensionstext,kommentarer,"
            "anmeldelse,anmeldelsestekst,kommentar tekst,omtale,tilbakemelding,"
            "kommentti,arvostelu,arvosteluteksti,palaute,teksti,"
            "opinia,opinie,recenzja,treść,treść opinii,treść recenzji,komentarz,komentarze,"
            "hodnocení text,text hodnocení,recenze,text recenze,komentář,text recenzie,recenzia,komentár,"
            "értékelés szövege,vélemény,vélemények,vélemény szövege,szöveg,megjegyzés,"
            "recenzie,recenzii,comentariu,comentarii,textul recenziei,părere,"
            "yorum,yorumlar,değerlendirme metni,yorum metni,müşteri yorumu,görüş,"
            "отзыв,отзывы,комментарий,текст,текст отзыва,содержание,відгук,відгуки,коментар,текст відгуку,"
            "отзив,мнение,рецензија,recenzija,osvrt,"
            "κριτική,κριτικές,σχόλιο,σχόλια,κείμενο,κείμενο κριτικής,γνώμη,"
            "レビュー本文,レビュー,レビュー内容,口コミ,クチコミ,口コミ内容,本文,コメント,感想,ご意見,内容,"
            "评论,评论内容,评价,评价内容,买家评论,点评,评语,評論,評論內容,評價,評價內容,內容,留言,"
            "리뷰,리뷰 내용,리뷰내용,후기,후기 내용,내용,상품평,댓글,의견,"
            "التعليق,تعليق,التعليقات,مراجعة,المراجعة,نص المراجعة,نص التعليق,الرأي,"
            "ביקורת,תגובה,חוות דעת,תוכן,תוכן הביקורת,"
            "समीक्षा,टिप्पणी,प्रतिक्रिया,รีวิว,ความคิดเห็น,ข้อความรีวิว,ข้อความ,"
            "ulasan,isi ulasan,teks ulasan,testimoni,đánh giá,nội dung,nội dung đánh giá,nhận xét,"
            "bình luận,نظر,دیدگاه,متن نظر"
        ),
        endings=(
            "review text,review body,review content,review,text,body,content,comment,comments,feedback,"
            "remark,message,verbatim,yorumu,yorum,kommentar,commentaire,comentario,commento"
        ),
        phrases=(
            "tell us,what did you,what do you,why did you,any other,anything else,share your,"
            "in your own words,describe your,how can we improve,how could we improve,additional comments,"
            "suggestions,was hat ihnen,was können wir,sagen sie uns,möchten sie uns,warum haben sie,"
            "dites nous,que pouvons nous,qu avez vous,avez vous des,cuéntanos,cuéntenos,qué le gustó,"
            "por qué,cosa ti è piaciuto,cosa possiamo,conte nos,o que você,wat vond u,kunt u,vertel ons,"
            "berätta,fortæl os,neden,расскажите,что вам,proszę opisać,bewertung,évaluation,valoración,"
            "avaliação,beoordeling,omdöme,vurdering,bedømmelse,arvio,ocena,hodnocení,hodnotenie,értékelés,"
            "evaluare,değerlendirme,оценка,αξιολόγηση,評価,评价,評價"
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
            "satisfaction score,csat,csat score,satisfaction rating,star,rate,stars given,rating given,"
            "score given,overall satisfaction,satisfaction level,satisfaction,"
            "sterne,anzahl sterne,sternebewertung,bewertung,gesamtbewertung,bewertung in sternen,punkte,"
            "punktzahl,zufriedenheit,note,notation,note globale,note sur 5,étoiles,nombre d'étoiles,"
            "évaluation,"
            "calificación,puntuación,puntuación general,valoración,estrellas,número de estrellas,puntaje,"
            "nota,"
            "estrelas,classificação,pontuação,nota geral,avaliação,avaliação geral,nota da avaliação,"
            "valutazione,punteggio,stelle,numero di stelle,voto,"
            "beoordeling,sterren,aantal sterren,cijfer,waardering,score totale,"
            "betyg,betygsättning,stjärnor,antal stjärnor,stjerner,antal stjerner,karakter,vurdering,"
            "bedømmelse,"
            "terningkast,arvosana,tähdet,tähtiä,arvio,pisteet,"
            "ocena,gwiazdki,liczba gwiazdek,punkty,hodnocení,počet hvězdiček,hvězdičky,hvězdy,známka,"
            "hodnotenie,hviezdičky,értékelés,csillag,csillagok,pontszám,nota acordată,evaluare,stele,"
            "puan,puanı,yıldız,yıldız sayısı,derecelendirme,değerlendirme,"
            "оценка,рейтинг,звёзды,количество звезд,балл,оцінка,зірки,кількість зірок,оценка клиента,"
            "ocjena,оцена,βαθμολογία,αστέρια,αξιολόγηση,βαθμός,"
            "評価,総合評価,星,星評価,星の数,点数,评分,星级,星数,打分,评价,評價,"
            "đánh giá,評分,星級,별점,평점,점수,별,만족도,"
            "التقييم,تقييم,النجوم,عدد النجوم,الدرجة,דירוג,כוכבים,ציון,रेटिंग,सितारे,अंक,คะแนน,ดาว,เรตติ้ง,"
            "peringkat,bintang,nilai,penilaian,số sao,điểm,điểm số,xếp hạng,امتیاز,ستاره"
        ),
        endings="rating,star rating,stars,score,sterne,puanı",
        phrases=(
            "how satisfied,how would you rate,satisfaction with,rate your,how happy,wie zufrieden,"
            "wie bewerten sie,êtes vous satisfait,quelle note,qué tan satisfecho,cómo calificaría,"
            "quanto sei soddisfatto,quanto è soddisfatto,quão satisfeito,hoe tevreden,hur nöjd,hvor tilfreds,"
            "hvor fornøyd,kuinka tyytyväinen,jak bardzo jesteś zadowolony,ne kadar memnun,"
            "насколько вы довольны"
        ),
        against=(
            "average,avg,count,counts,nps,number,total,additional,id,date,time,at,remark,comment,reply,"
            "confidence,gold,predicted,polarity,sentiment,text,reason,mean,helpful,contact,name,url,"
            "recommend,likely,likelihood"
        ),
        # Whole numbers from 1 to 5 that count or rank something else.
        unlike=(
            "quantity,qty,size,age,floor,priority,level,version,units,nights,guests,rooms,people,position,"
            "rank,week,weekday,day,month,quarter,year,severity,tier,group,cluster,fold,page,step,attempt,"
            "visits,"
            "orders,menge,anzahl,größe,stück,alter,quantité,taille,cantidad,tamaño,talla,quantità,taglia,"
            "quantidade,tamanho,aantal,maat,antal,storlek,størrelse,määrä,koko,ilość,rozmiar,množství,"
            "mennyiség,cantitate,adet,miktar,beden,количество,размер,кількість,розмір,ποσότητα,数量,サイズ,"
            "尺码,수량,사이즈,الكمية,כמות,jumlah,ukuran,số lượng"
        ),
    ),
    "title": RoleHeaders(
        aliases=(
            "review title,review headline,reviews title,title,headline,review heading,heading,summary,"
            "review summary,titel,bewertungstitel,titel der bewertung,überschrift,ueberschrift,"
            "titel der rezension,titre,titre de l'avis,titre du commentaire,título,título de la reseña,"
            "título de la opinión,título da avaliação,titolo,titolo recensione,titolo della recensione,"
            "titel van de review,kop,rubrik,tittel,otsikko,overskrift,tytuł,tytuł opinii,tytuł recenzji,"
            "nadpis,titulek,název recenze,titulok,cím,vélemény címe,titlu,titlul recenziei,naslov,"
            "başlık,yorum başlığı,konu,заголовок,заголовок отзыва,тема,заголовок відгуку,заглавие,"
            "τίτλος,τίτλος κριτικής,タイトル,レビュータイトル,件名,見出し,標題,标题,评论标题,評論標題,제목,"
            "리뷰 제목,العنوان,عنوان,عنوان المراجعة,כותרת,שם הביקורת,शीर्षक,หัวข้อ,ชื่อเรื่อง,judul,"
            "judul ulasan,tiêu đề"
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
            "time stamp,stamp,time,at,response date,recorded date,end date,completed at,updated at,"
            "last updated,unix review time,start date,start date utc,"
            "datum,bewertungsdatum,datum der bewertung,erstellt am,zeitpunkt,date de l'avis,date avis,"
            "date de publication,date de création,fecha,fecha de la reseña,fecha de creación,"
            "fecha de publicación,data,data recensione,data della recensione,data di pubblicazione,"
            "data da avaliação,data de criação,data de publicação,beoordelingsdatum,datum beoordeling,"
            "geplaatst op,skapad,datum för omdöme,dato,oprettet,opprettet,päivämäärä,pvm,päiväys,"
            "data opinii,data dodania,data wystawienia,datum recenze,vytvořeno,létrehozva,kelt,"
            "datum kelte,data recenziei,data publicării,tarih,yorum tarihi,oluşturulma tarihi,"
            "дата,дата отзыва,дата создания,дата публикации,дата відгуку,ημερομηνία,ημερομηνία κριτικής,"
            "日付,投稿日,レビュー日,投稿日時,日時,作成日,日期,评论时间,评论日期,评价时间,評論日期,评论日,时间,時間,"
            "작성일,작성일자,날짜,등록일,일자,التاريخ,تاريخ,تاريخ المراجعة,תאריך,दिनांक,तारीख,วันที่,"
            "tanggal,tanggal ulasan,ngày,ngày đánh giá,ngày tạo,تاریخ"
        ),
        endings="review date,created at,created",
        against=(
            "reply,replied,last,millis,gmt,birth,purchase,order,expiry,parent,days,user,seen,added,first,"
            "delivery,shipped,stay,visit,birthday"
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
    "language": RoleHeaders(
        aliases=(
            "review language,language,lang,reviewer language,user language,language code,lang code,"
            "review lang,locale,review locale,text language,content language,comment language,"
            "sprache,bewertungssprache,sprache der bewertung,langue,langue de l'avis,idioma,"
            "idioma de la reseña,idioma da avaliação,lingua,lingua della recensione,taal,språk,sprog,kieli,"
            "język,jazyk,nyelv,limba,dil,язык,язык отзыва,мова,език,γλώσσα,言語,语言,語言,언어,اللغة,"
            "لغة,שפה,भाषा,ภาษา,bahasa,ngôn ngữ,زبان"
        ),
        endings="language,language code,locale",
        against="translated,target,programming,product,count,version,reply,country",
    ),
    "id": RoleHeaders(
        aliases=(
            "review id,reviews id,reviewid,comment id,feedback id,tweet id,response id,respondent id,"
            "ticket id,conversation id,id,uuid,guid,review number,ticket number,record id,entry id,row id,"
            "#,no,bewertungs id,bewertungsnummer,rezensions id,id avis,identifiant,numéro,id reseña,"
            "id de reseña,id recensione,id da avaliação,recensie id,beoordelings id,yorum id,yorum no,"
            "talep no,talep numarası,id opinii,numer,číslo,sorszám,azonosító,ид,номер,ідентифікатор,"
            "αναγνωριστικό,レビューid,番号,编号,評論id,评论id,번호,리뷰 번호,المعرف,رقم,מזהה,आईडी,รหัส,mã,"
            "mã đánh giá"
        ),
    ),
    "product": RoleHeaders(
        aliases=(
            "product name,product title,product,product handle,handle,item name,item title,item,"
            "product id,productid,asin,product sku,sku,product code,hotel name,restaurant name,"
            "business name,store name,app name,package name,business id,page id,item id,listing title,"
            "variant,product group,model,course,produkt,produktname,artikel,artikelname,artikelbezeichnung,"
            "produit,nom du produit,article,producto,nombre del producto,artículo,prodotto,nome prodotto,"
            "nome del prodotto,articolo,produto,nome do produto,product naam,productnaam,produktnamn,vara,"
            "vare,varenavn,produktnavn,tuote,tuotteen nimi,nazwa produktu,název produktu,výrobek,"
            "produkt název,"
            "termék,termék neve,produs,nume produs,proizvod,ürün,ürün adı,ürün ismi,товар,название товара,"
            "продукт,назва товару,προϊόν,όνομα προϊόντος,商品,商品名,製品,製品名,产品,产品名称,商品名称,"
            "產品名稱,商品名稱,상품,상품명,제품,제품명,المنتج,اسم المنتج,מוצר,שם המוצר,उत्पाद,สินค้า,"
            "ชื่อสินค้า,produk,nama produk,sản phẩm,tên sản phẩm,محصول,product url"
        ),
        endings="product name,product title,product id",
        against="parent,category,review,price,image",
    ),
    "state": RoleHeaders(
        aliases=(
            "curated,review status,review state,comment approved,moderation status,publication status,state,"
            "status,is approved,approved,is published,published,visibility,bewertungsstatus,statut,"
            "statut de l'avis,estado,estado de la reseña,stato,stato recensione,situação,durum,yorum durumu,"
            "tila,stan,stav,állapot,stare,статус,κατάσταση,ステータス,状态,狀態,상태,الحالة,סטטוס,สถานะ,"
            "trạng thái"
        ),
        endings="review status,moderation status",
        against="order,payment,shipping,address,country,reply,user,email",
    ),
    "parent": RoleHeaders(aliases="comment parent,comment parent id"),
}

FLAGS_OF_PUBLICATION: Final = "approved,published"
"""Last words of state columns in which 0, no and false mean that a review is not published."""

POSITIVE_HALF: Final = (
    "pros,pro,advantages,strengths,likes,liked,positive,like best,like most,vorteile,positives,avantages,"
    "points positifs,ventajas,lo mejor,vantaggi,pregi,vantagens,prós,pontos positivos,voordelen,pluspunten,"
    "fördelar,fordele,fordeler,plussat,zalety,plusy,klady,výhody,előnyök,avantaje,artıları,olumlu,"
    "достоинства,плюсы,переваги,πλεονεκτήματα,良い点,良かった点,优点,優點,장점,المميزات,kelebihan,ưu điểm"
)
NEGATIVE_HALF: Final = (
    "cons,con,disadvantages,weaknesses,dislikes,disliked,negative,dislike,like least,nachteile,negatives,"
    "inconvénients,points négatifs,desventajas,lo peor,svantaggi,difetti,desvantagens,contras,"
    "pontos negativos,nadelen,minpunten,nackdelar,ulemper,miinukset,wady,minusy,zápory,nevýhody,hátrányok,"
    "dezavantaje,eksileri,olumsuz,недостатки,минусы,недоліки,μειονεκτήματα,悪い点,悪かった点,缺点,缺點,"
    "단점,العيوب,kekurangan,nhược điểm"
)
NO_HALF: Final = _OTHER_PARTIES + ",counts,feedback,id,rating,score"
"""Words that say that a column is no half of a pair."""
