-- Keys whose columns no longer hold what their last promotion wrote: someone edited or removed them since.
insert into temp.muster_edited (stage)
select l.stage
from temp.muster_last l
cross join main.muster_promotion m on m.seq = l.promotion and m.columns = $columns
cross join temp.muster_stage s on s.rowid = l.stage
cross join main.muster_promotion_row r on r.promotion = l.promotion and r.key = s.key
left join main.{{table}} t on t.{{key}} = s.k collate {{collation}}
where muster_hash(case when t.{{key}} is not null then {{image}} end) is not r.after_hash;
