-- One record of what people let through, whatever held it. Earlier versions kept those of drift in drift-overrides.jsonl, which is left as it is.

alter table gate_override rename to promotion_override;
alter table promotion_override add column held_by text not null default 'evals';
alter table promotion_override add column promotion_id text not null default '';
drop index gate_override_run;
create index promotion_override_run on promotion_override (run_id);
