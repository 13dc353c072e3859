-- Everything counted again from the rows; one line of text per difference from the books. $1 is the run.
select 'state ' || l.state || ': the books say ' || l.rows || ' rows, counting says ' || coalesce(c.rows, 0)
from ledger l left join (select state, count(*) as rows from row where run_id = $1 group by state) c on c.state = l.state
where l.run_id = $1 and l.rows <> coalesce(c.rows, 0)
union all
select 'staged outputs: ' || staged || ', succeeded rows: ' || succeeded
from (select (select count(*) from staging s join row w on w.row_id = s.row_id where w.run_id = $1)
             + (select count(*) from purged_row p join purge u on u.purge_id = p.purge_id join row w on w.row_id = p.row_id
                where w.run_id = $1 and w.state = 2 and u.state <> 'begun') as staged,
             (select count(*) from row where run_id = $1 and state = 2) as succeeded)
where staged <> succeeded
union all
select b.name || ': ' || b.requests || ' requests sealed, ' || count(r.request_id) || ' recorded'
from batch b left join request r on r.batch_id = b.batch_id
where b.run_id = $1 and b.state <> 'withdrawn'
group by b.batch_id having count(r.request_id) <> b.requests
union all
select b.name || ' is settled with ' || b.requests || ' requests, ' || count(s.request_id) || ' results, ' || b.archive_lines
       || ' archived lines and remote counts ' || coalesce(b.succeeded + b.errored + b.canceled + b.expired, 'nothing')
from batch b left join request r on r.batch_id = b.batch_id left join result s on s.request_id = r.request_id
where b.run_id = $1 and b.state = 'settled'
group by b.batch_id
having count(s.request_id) <> b.requests or b.archive_lines <> b.requests
    or b.succeeded + b.errored + b.canceled + b.expired <> b.requests
union all
select b.name || ': ' || sum(s.type = 0) || ' succeeded results, the remote counted ' || b.succeeded
from batch b join request r on r.batch_id = b.batch_id join result s on s.request_id = r.request_id
where b.run_id = $1 and b.state = 'settled'
group by b.batch_id having sum(s.type = 0) <> b.succeeded
union all
select 'row ' || w.line || ' is in flight in no open batch'
from (select w.line from row w left join batch b on b.batch_id = w.batch_id
      where w.run_id = $1 and w.state = 1 and (b.batch_id is null or b.state in ('settled', 'withdrawn', 'lost')) limit 20) w
union all
select 'row ' || w.line || ' attempt ' || w.attempt || ' was asked ' || w.times || ' times'
from (select w.line, r.attempt, count(*) as times from request r join row w on w.row_id = r.row_id
      where w.run_id = $1 group by r.row_id, r.attempt having count(*) > 1 limit 20) w
union all
select 'usage: the books say ' || books || ' tokens, the results say ' || counted
from (select (select coalesce(sum(input_tokens + output_tokens + cache_5m + cache_1h + cache_read), 0) from usage where run_id = $1) as books,
             (select coalesce(sum(s.input_tokens + s.output_tokens + s.cache_5m + s.cache_1h + s.cache_read), 0)
              from batch b join request r on r.batch_id = b.batch_id join result s on s.request_id = r.request_id
              where b.run_id = $1) as counted)
where books <> counted
union all
select 'cost: the books say ' || books || ' pico-dollars, the results say ' || counted
from (select (select coalesce(sum(cost_pico), 0) from usage where run_id = $1) as books,
             (select coalesce(sum(s.cost_pico), 0)
              from batch b join request r on r.batch_id = b.batch_id join result s on s.request_id = r.request_id
              where b.run_id = $1) as counted)
where books <> counted
union all
select 'row ' || line || ' was decided as d-' || decision_id || ', which left it in state ' || to_state || ', and stands in ' || state
from (select w.line, d.decision_id, d.to_state, w.state
      from decided_row d join decision c on c.decision_id = d.decision_id join row w on w.row_id = d.row_id and w.attempt = d.attempt
      where c.run_id = $1 and c.undone_at is null and d.to_state <> 0 and w.state <> d.to_state
        and not exists (select 1 from decided_row l join decision k on k.decision_id = l.decision_id
                        where l.row_id = d.row_id and l.decision_id > d.decision_id and k.undone_at is null) limit 20)
union all
select 'the run is done with ' || open || ' open rows'
from (select count(*) as open from row where run_id = $1 and state < 2)
where open > 0 and (select state from run where run_id = $1) = 'done';
