-- An insert that met a row already there: whose it is nobody knows, so it stays.
update main.muster_promotion_row as r
set op = 'conflict', detail = 'added by someone during the promotion'
from temp.muster_now n
where r.promotion = $promotion and r.key = n.key and r.op = 'insert' and muster_hash(n.image) is not r.after_hash;
