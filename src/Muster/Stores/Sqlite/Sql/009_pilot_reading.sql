-- How many of a locked pilot's rows somebody had decided one by one; null for locks of before.
alter table pilot_lock add column rows_read integer check (rows_read between 0 and rows);
