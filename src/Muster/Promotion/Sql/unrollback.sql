-- The file still holds what this promotion wrote.
update main.muster_promotion_row set undo = null
where promotion = (select seq from main.muster_promotion where id = $promotion);
update main.muster_promotion set state = 'live', ended_at = null, restored = 0, deleted = 0, undo_conflicts = 0 where id = $promotion;
