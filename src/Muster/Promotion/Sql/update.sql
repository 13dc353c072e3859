-- "or abort" overrules an "on conflict replace" of the table, which would remove other rows.
update or abort main.{{table}} as t set {{assignments}}
from main.muster_promotion_row r
where r.promotion = $promotion and r.op = 'update' and t.{{key}} = +r.key collate {{collation}}
