update main.muster_promotion as m
set inserted = c.inserted, updated = c.updated, unchanged = c.unchanged, conflicts = c.conflicts,
    source_changed = c.source_changed, missing = c.missing, constraint_failed = c.constraint_failed, stale = c.stale
from (
    select ifnull(sum(r.op = 'insert'), 0) as inserted, ifnull(sum(r.op = 'update'), 0) as updated,
        ifnull(sum(r.op = 'unchanged'), 0) as unchanged, ifnull(sum(r.op = 'conflict'), 0) as conflicts,
        ifnull(sum(r.op = 'source_changed'), 0) as source_changed, ifnull(sum(r.op = 'missing'), 0) as missing,
        ifnull(sum(r.op = 'constraint'), 0) as constraint_failed,
        ifnull(max(r.op in ('conflict', 'source_changed') and p.op not in ('conflict', 'source_changed')), 0) as stale
    from main.muster_promotion_row r
    join main.muster_plan_row p on p.plan = $plan and p.key = r.key
    where r.promotion = $promotion
) c
where m.seq = $promotion;
