"""Whether the platform of a review publishes it, by its own word for that and by what the review answers."""
# ruff: noqa: RUF001 -- words in several alphabets

from functools import lru_cache
from typing import Final

from sentiment.tables.values.month_names import fold_letters

_WITHHELD: Final = (
    "spam,marked as spam,hidden,hide,rejected,reject,disapproved,unpublished,not published,trash,trashed,"
    "post-trashed,deleted,removed,survey preview,survey test,"
    "abgelehnt,versteckt,ausgeblendet,gelöscht,nicht veröffentlicht,unveröffentlicht,gesperrt,"
    "rejeté,refusé,masqué,caché,supprimé,non publié,rechazado,rechazada,oculto,oculta,eliminado,eliminada,"
    "no publicado,rifiutato,rifiutata,nascosto,nascosta,eliminato,non pubblicato,"
    "rejeitado,rejeitada,excluído,excluída,não publicado,afgewezen,verborgen,verwijderd,niet gepubliceerd,"
    "avvisad,dold,borttagen,afvist,skjult,slettet,avvist,hylätty,piilotettu,odrzucona,ukryta,usunięta,"
    "zamítnuto,skryto,smazáno,reddedildi,gizli,silindi,yayınlanmadı,отклонен,отклонён,скрыт,удален,удалён,"
    "спам,не опубликован,відхилено,приховано,видалено,スパム,非公開,却下,削除,垃圾评论,已隐藏,已拒绝,已删除,"
    "스팸,숨김,거부,삭제"
)
_PUBLISHED: Final = (
    "published,publish,approved,approve,active,ok,not-yet,live,visible,public,accepted,verified,featured,"
    "pending,veröffentlicht,freigegeben,aktiv,publié,approuvé,publicado,publicada,aprobado,aprobada,"
    "pubblicato,pubblicata,approvato,approvata,aprovado,aprovada,gepubliceerd,goedgekeurd,publicerad,"
    "godkänd,offentliggjort,godkendt,publisert,julkaistu,opublikowana,zatwierdzona,zveřejněno,schváleno,"
    "yayında,yayınlandı,onaylandı,aktif,опубликован,одобрен,公開,承認済み,已发布,已通过,公开,게시됨,승인됨"
)
_NO: Final = frozenset({"0", "0.0", "false", "no", "f", "n"})
_YES: Final = frozenset({"1", "1.0", "true", "yes", "t", "y"})
_NO_PARENT: Final = frozenset({"", "0", "0.0"})


@lru_cache(maxsize=1024)
def is_withheld_state(cell: str, *, is_flag: bool = False) -> bool:
    """Tell whether a state cell says that a review is not published; an unknown value says nothing.

    Args:
        cell: What the platform noted: `spam`, `Hidden`, `approved`.
        is_flag: Whether the column is a flag of being published (`comment_approved`), so that 0 and false
            withhold a review too.
    """
    state = fold_letters(cell.strip())
    return state in _words(_WITHHELD) or (is_flag and state in _NO)


def is_known_state(cell: str, *, is_flag: bool = False) -> bool:
    """Tell whether a cell holds a word for being published or not; see `is_withheld_state`."""
    state = fold_letters(cell.strip())
    return state in _words(_WITHHELD) or state in _words(_PUBLISHED) or (is_flag and state in _NO | _YES)


def is_reply(parent: str, rating: str) -> bool:
    """Tell whether a row of rated reviews answers another, as WooCommerce's replies do, and rates nothing."""
    return parent.strip() not in _NO_PARENT and rating.strip() in _NO_PARENT


@lru_cache
def _words(listed: str) -> frozenset[str]:
    return frozenset(map(fold_letters, listed.split(",")))
