select count(*)
from main.muster_promotion_row r
cross join main.{{table}} t on t.{{key}} = +r.key collate {{collation}}
where r.promotion = $promotion and r.op in ('insert', 'update') and r.undo is null;
