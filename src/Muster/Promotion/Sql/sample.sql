-- The factor is a prime near 2^32 over the golden ratio: it spreads neighbouring numbers over the whole range.
with chosen as materialized (
    select key, after_hash
    from (
        select key, after_hash, row_number() over () as n
        from main.muster_promotion_row where promotion = $promotion and op in ('insert', 'update') and undo is null
    )
    order by ((n + $seed) * 2654435761) % 4294967291, n limit $keys
)
select r.key, muster_hash(case when t.{{key}} is not null then {{image}} end) is r.after_hash
from chosen r
left join main.{{table}} t on t.{{key}} = +r.key collate {{collation}};
