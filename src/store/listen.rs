//! Listening: daemons are told at once of work and pushes. It only wakes; whoever listens polls as well, for a
//! notice can be lost.

use super::error::StoreError;
use super::pool::Store;
use super::tls::Raw;
use super::wake::{BUDGET, PUSH, WORK};
use futures_util::StreamExt;
use futures_util::future::{Either, pending, select};
use futures_util::stream::{Stream, poll_fn};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Connection};

/// A connection that is silent is asked whether it is still there.
const PING: Duration = Duration::from_secs(30);
/// What an answer to that may take.
const PONG: Duration = Duration::from_secs(10);
/// Waits between attempts to connect grow up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// We listen from now on; what was said before was not heard, so look.
    Connected,
    /// We do not listen any more.
    Lost,
    /// There is work.
    Work,
    /// A push is owed.
    Push,
    /// A budget is shared otherwise, or stands otherwise.
    Budget,
}

impl Store {
    /// Whether notices are heard here at all.
    pub fn hears(&self) -> bool {
        self.local.is_none()
    }

    /// Listens for ever and tells what it hears; connects again whenever the connection is lost. Behind a pool of
    /// transactions nobody is told of anything, so nothing is heard.
    pub async fn listen(&self, mut tell: impl FnMut(Heard) + Send) {
        if !self.hears() {
            return pending().await;
        }
        let mut wait = Duration::from_millis(100);
        loop {
            let mut connected = false;
            let mut hear = |heard| {
                connected |= heard == Heard::Connected;
                tell(heard);
            };
            // Why it was lost matters to nobody: the statements of everybody else fail as well, and say so.
            let _ = self.listen_once(&mut hear).await;
            if connected {
                wait = Duration::from_millis(100);
                tell(Heard::Lost);
            }
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn listen_once(&self, tell: &mut (impl FnMut(Heard) + Send)) -> Result<(), StoreError> {
        match self.address.raw().await? {
            Raw::Plain(client, connection) => hear(client, messages(*connection), tell).await,
            Raw::Tls(client, connection) => hear(client, messages(*connection), tell).await,
        }
        Ok(())
    }
}

fn messages<S, T>(
    mut connection: Connection<S, T>,
) -> impl Stream<Item = Result<AsyncMessage, tokio_postgres::Error>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    poll_fn(move |context| connection.poll_message(context))
}

/// Ends when the connection does. It moves only while its messages are awaited, so both are always awaited together.
async fn hear(
    client: Client,
    messages: impl Stream<Item = Result<AsyncMessage, tokio_postgres::Error>>,
    tell: &mut (impl FnMut(Heard) + Send),
) {
    let mut messages = pin!(messages);
    let mut started = false;
    loop {
        let statement =
            if started { String::new() } else { format!("LISTEN {WORK}; LISTEN {PUSH}; LISTEN {BUDGET}") };
        let mut asked = pin!(timeout(PONG, client.batch_execute(&statement)));
        loop {
            match select(asked.as_mut(), messages.next()).await {
                Either::Left((Ok(Ok(())), _)) => break,
                Either::Right((Some(Ok(message)), _)) => pass_on(&message, tell),
                _ => return,
            }
        }
        if !started {
            tell(Heard::Connected);
            started = true;
        }
        let mut silence = pin!(sleep(PING));
        loop {
            match select(silence.as_mut(), messages.next()).await {
                Either::Left(_) => break,
                Either::Right((Some(Ok(message)), _)) => pass_on(&message, tell),
                Either::Right(_) => return,
            }
        }
    }
}

fn pass_on(message: &AsyncMessage, tell: &mut impl FnMut(Heard)) {
    if let AsyncMessage::Notification(notice) = message {
        match notice.channel() {
            WORK => tell(Heard::Work),
            PUSH => tell(Heard::Push),
            BUDGET => tell(Heard::Budget),
            _ => {}
        }
    }
}
