-- How a batch travels. What was sent before there was a choice went by the Message Batches API.
alter table batch add column lane text not null default 'batch' check (lane in ('batch','synchronous'));

-- Requests by which the platform failed the batch, as the failure policy says of each cause. Of earlier batches the reasons tell it.
alter table batch add column failed integer not null default 0;
update batch set failed = (select count(*) from request r join result s on s.request_id = r.request_id join row w on w.row_id = r.row_id
  where r.batch_id = batch.batch_id and (s.type = 3 or (s.type = 1 and coalesce(w.reason, '') not like 'API.ROW_INVALID%')))
where state = 'settled' and errored + expired > 0;
