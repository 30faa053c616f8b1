//! What a report in agreement says, as a digest: one that says what the last one said changes nothing that is stored.

use crate::ports::report::{Finding, Seen, Unmanaged, Verdict};
use crate::ports::{CycleReport, CycleResult};
use ring::digest::{SHA256, digest};

/// The digest of everything that is stored of a report; `None` when it did not agree, or does not speak of everything.
pub(super) fn told(report: &CycleReport) -> Option<Vec<u8>> {
    let CycleReport { result, seen, usage, unmanaged, findings, verdicts, .. } = report;
    let (Seen::Account(account), Some(usage), Some(unmanaged)) = (seen, usage, unmanaged) else {
        return None;
    };
    if !matches!(result, CycleResult::Agreed | CycleResult::Changed) {
        return None;
    }
    let mut text = serde_json::to_vec(&(account, usage)).ok()?;
    for Finding { kind, status, reason, message } in findings {
        put(&mut text, [kind.as_str(), if *status { "true" } else { "false" }, reason.as_str(), message]);
    }
    for Verdict { thing, generation, blocked } in verdicts {
        text.extend_from_slice(thing.id().as_bytes());
        text.extend_from_slice(&generation.to_le_bytes());
        let blocked = blocked.as_ref().map(|(reason, message)| [reason.as_str(), message.as_str()]);
        put(&mut text, blocked.unwrap_or_default());
    }
    for Unmanaged { kind, mozy_id, name } in unmanaged {
        put(&mut text, [kind, mozy_id, name]);
    }
    Some(digest(&SHA256, &text).as_ref().to_vec())
}

/// Each word with its length before it, so that no two rows of words look alike.
fn put<const N: usize>(text: &mut Vec<u8>, words: [&str; N]) {
    for word in words {
        text.extend_from_slice(&word.len().to_le_bytes());
        text.extend_from_slice(word.as_bytes());
    }
}
