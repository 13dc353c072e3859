with seen as materialized (
    select p.*, x.detail as excluded, $checked and n.hash is not p.source_hash as changed,
        case when t.{{key}} is not null then {{image}} end as before
    from main.muster_plan_row p
    left join temp.muster_excluded x on x.key = p.key
    left join temp.muster_source n on n.key = p.key
    left join main.{{table}} t on t.{{key}} = +p.key collate {{collation}}
    where p.plan = $plan
)
insert into main.muster_promotion_row (promotion, key, attempt, op, detail, before, after, after_hash, source_hash)
select $promotion, key, attempt,
    case
        when op in ('conflict', 'source_changed', 'missing', 'constraint') then op
        when changed then 'source_changed'
        when muster_hash(before) is not before_hash then 'conflict'
        when excluded is not null then 'constraint'
        else op
    end,
    case
        when op in ('conflict', 'source_changed', 'missing', 'constraint') then detail
        when changed then 'the source row is another one by now'
        when muster_hash(before) is before_hash then excluded
        when before is null then 'removed by someone since the plan'
        when before_hash is null then 'added by someone since the plan'
        else 'changed by someone since the plan'
    end,
    case when before is not after then before end,
    case when before is not after then after end,
    after_hash, source_hash
from seen;
