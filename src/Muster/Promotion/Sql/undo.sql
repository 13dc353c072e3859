-- Compare and restore: only what still holds what the promotion wrote.
drop table if exists temp.muster_undo;
create temp table muster_undo (key text primary key, act text not null, detail text, now text) without rowid;
with seen as materialized (
    select r.key, r.op, r.after_hash, r.before, f.key is not null as forced, x.detail as excluded,
        case when t.{{key}} is not null then {{image}} end as now
    from main.muster_promotion_row r
    left join temp.muster_force f on f.key = r.key
    left join temp.muster_excluded x on x.key = r.key
    left join main.{{table}} t on t.{{key}} = +r.key collate {{collation}}
    where r.promotion = $promotion and r.op in ('insert', 'update')
)
insert into temp.muster_undo (key, act, detail, now)
select key,
    case
        when now is null or excluded is not null then 'conflict'
        when not forced and muster_hash(now) is not after_hash then 'conflict'
        when op = 'insert' then 'deleted'
        else 'restored'
    end,
    case
        when excluded is not null then excluded
        when now is null then 'removed by someone since'
        when not forced and muster_hash(now) is not after_hash then 'changed by someone since'
    end,
    case when muster_hash(now) is not after_hash or excluded is not null then now end
from seen;
