-- Which promotion wrote a key last and was not taken back; a key that its rollback left alone still counts.
insert into temp.muster_last (stage, promotion, promoted)
select s.rowid, max(r.promotion), max(m.run_id = $run and r.attempt = s.attempt and r.undo is null)
from temp.muster_stage s
cross join main.muster_promotion_row r on r.key = s.key and r.op in ('insert', 'update')
join main.muster_promotion m on m.seq = r.promotion and m.target = $target
where r.undo is null or r.undo = 'conflict'
group by s.rowid;
