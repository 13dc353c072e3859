-- Triggers of the table have the last word: a value they changed is the one we wrote, a row they kept out is not written.
update main.muster_promotion_row as r
set op = 'constraint', detail = 'a trigger of the target kept the row out'
from temp.muster_now n
where r.promotion = $promotion and r.key = n.key and n.image is r.before and r.after is not r.before;
update main.muster_promotion_row as r
set after = n.image, after_hash = muster_hash(n.image)
from temp.muster_now n
where r.promotion = $promotion and r.key = n.key and r.op in ('insert', 'update') and n.image is not r.after;
