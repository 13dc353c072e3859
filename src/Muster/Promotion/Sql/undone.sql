update main.muster_promotion_row as r set undo = u.act
from temp.muster_undo u
where r.promotion = $promotion and r.key = u.key;
update main.muster_promotion as m
set state = 'rolled_back', ended_at = $at, restored = c.restored, deleted = c.deleted, undo_conflicts = c.conflicts
from (
    select ifnull(sum(act = 'restored'), 0) as restored, ifnull(sum(act = 'deleted'), 0) as deleted,
        ifnull(sum(act = 'conflict'), 0) as conflicts
    from temp.muster_undo
) c
where m.seq = $promotion;
