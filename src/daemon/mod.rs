//! The running daemon: wiring, jobs, queue and workers, cron, HTTP, signals. The only floor that spawns.
