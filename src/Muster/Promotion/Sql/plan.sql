with seen as materialized (
    select s.rowid as stage, s.key, s.attempt, s.source_hash, s.fault,
        case when t.{{key}} is not null then {{image}} end as before,
        case when s.fault is null then {{staged}} end as after,
        case when t.{{key}} is not null and s.fault is null then {{changes}} else 0 end as changes
    from temp.muster_stage s
    left join main.{{table}} t on t.{{key}} = s.k collate {{collation}}
    -- By the index: sorting whole rows at the end would take a file as large as the plan, mapped into memory.
    order by s.k collate {{collation}}
),
judged as materialized (
    select v.*,
        f.key is null and e.stage is not null as edited,
        f.key is null and ifnull(l.promoted, 0) as promoted,
        $checked and n.hash is not v.source_hash as changed
    from seen v
    left join temp.muster_last l on l.stage = v.stage
    left join temp.muster_edited e on e.stage = v.stage
    left join temp.muster_force f on f.key = v.key
    left join temp.muster_source n on n.key = v.key
)
insert into main.muster_plan_row (plan, key, attempt, op, detail, changes, before_hash, after, after_hash, source_hash)
select $plan, key, attempt,
    case
        when fault is not null then 'constraint'
        when changed then 'source_changed'
        when before is after then 'unchanged'
        when edited or promoted then 'conflict'
        when before is not null then 'update'
        when $insert then 'insert'
        else 'missing'
    end,
    case
        when fault is not null then fault
        when changed then 'the source row is another one by now'
        when before is after then null
        when edited and before is null then 'removed by someone since it was promoted'
        when edited then 'changed by someone since it was promoted'
        when promoted then 'promoted before and replaced since'
        when before is null and not $insert then 'the target has no such key'
    end,
    changes, muster_hash(before), after, muster_hash(after), source_hash
from judged;
