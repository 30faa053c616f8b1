//! Progress of long work: a line on stderr that counts the seconds, on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, interval_at};

/// Work that is done sooner is not talked about.
const PATIENCE: Duration = Duration::from_secs(1);

/// Does some work, and says what it is while it lasts.
pub async fn during<T>(what: &str, work: impl Future<Output = T>) -> T {
    let stderr = io::stderr();
    match stderr.is_terminal() {
        true => tell(what, work, stderr, PATIENCE).await,
        false => work.await,
    }
}

async fn tell<T>(what: &str, work: impl Future<Output = T>, mut out: impl Write, every: Duration) -> T {
    let (begun, mut width, mut work) = (Instant::now(), 0, pin!(work));
    let mut tick = interval_at(begun + every, every);
    // A terminal that is gone hides the progress and nothing else.
    loop {
        tokio::select! {
            done = &mut work => {
                // The line is wiped out: the answer stands alone.
                let _ = write!(out, "\r{:width$}\r", "").and_then(|()| out.flush());
                return done;
            }
            _ = tick.tick() => {
                let line = format!("{what}: {} s", begun.elapsed().as_secs());
                width = width.max(line.chars().count());
                let _ = write!(out, "\r{line}").and_then(|()| out.flush());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// A terminal that can be read while it is written to.
    #[derive(Clone, Default)]
    struct Out(Rc<RefCell<Vec<u8>>>);

    impl Out {
        fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_line_counts_and_goes() {
        let out = Out::default();
        // For as long as it takes to be said twice.
        let work = async {
            while out.text().matches('\r').count() < 2 {
                tokio::task::yield_now().await;
            }
            7
        };
        assert_eq!(tell("migrating", work, out.clone(), Duration::from_millis(5)).await, 7);
        let text = out.text();
        assert!(text.starts_with("\rmigrating: 0 s\rmigrating: 0 s"), "{text:?}");
        assert!(text.ends_with(&format!("\r{}\r", " ".repeat("migrating: 0 s".len()))), "{text:?}");
    }
}
