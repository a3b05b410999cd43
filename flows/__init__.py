"""When things happen: Prefect and the command line live here and nowhere else.

- the command line: `cli`, `command` (errors, exit codes), `options`, `exits`, `console`, `progress`, `files` (what
  commands write); each command in `flows.commands`
- a run: `night` (the four stages as plain functions: begin here), `unify` (the third of them), `backfill`, `run`
  (lock, transactions, manifest), `project` (settings and warehouse), `models` (which model scores), `inputs` (did
  anything change?), `memory`, `clock`, `mistakes` (errors that nobody foresaw)
- the same on Prefect: `nightly` and `backfill_flow` (the flows), `parameters`, `tasks`, `artifacts`, `server`,
  `environment`, `serve`, `deploy`
"""
