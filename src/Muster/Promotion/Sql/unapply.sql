-- The file never got what this promotion wrote.
update main.muster_promotion_row set undo = case op when 'insert' then 'deleted' else 'restored' end
where op in ('insert', 'update') and promotion = (select seq from main.muster_promotion where id = $promotion);
update main.muster_promotion set state = 'rolled_back', ended_at = $at, deleted = inserted, restored = updated where id = $promotion;
