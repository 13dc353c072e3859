-- What the written keys hold now.
drop table if exists temp.muster_now;
create temp table muster_now as
select r.key, case when t.{{key}} is not null then {{image}} end as image
from main.muster_promotion_row r
left join main.{{table}} t on t.{{key}} = +r.key collate {{collation}}
where r.promotion = $promotion and r.op in ('insert', 'update');
