insert or abort into main.{{table}} ({{key}}, {{columns}})
select r.key, {{values}}
from main.muster_promotion_row r
where r.promotion = $promotion and r.op = 'insert'{{one}}
on conflict ({{key}}) do nothing
