update or abort main.{{table}} as t set {{assignments}}
from temp.muster_undo u
cross join main.muster_promotion_row r on r.promotion = $promotion and r.key = u.key
where u.act = 'restored'{{one}} and t.{{key}} = +u.key collate {{collation}}
