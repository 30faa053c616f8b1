//! Looking again: where nothing was wished since the last look agreed, and every answer is the same, byte for byte, there
//! still is agreement. Nothing is believed that is not asked for: the same calls are made, only their answers not read anew.

use crate::domain::observed::Account;
use crate::domain::subscription::Model;
use crate::ports::look::{Look, Question};
use crate::ports::{Vendor, VendorError};
use futures_util::stream::{self, StreamExt, TryStreamExt};

/// How many questions of a large account are asked at the same time. Those of a small one go one after another: there are
/// others to look at meanwhile, and what asks several at once costs more than it gains.
const AT_ONCE: usize = 4;

/// An account with more questions is large.
const FEW: usize = 12;

/// What a look at an account asks when nothing is missing or new. A look that asked anything else cannot be made again.
pub(super) fn questions(model: &Model, account: &Account) -> Box<[Question]> {
    let partner = account.partner.id;
    let groups = account.groups.iter().map(|contents| contents.group.id);
    let which = match model {
        Model::Direct => vec![Question::Groups(partner)],
        Model::Reseller(_) | Model::Customer(_) => groups.clone().map(Question::Group).collect(),
    };
    let inside =
        groups.flat_map(|id| [Question::Users(id), Question::Licences(id), Question::Stock(partner, id)]);
    std::iter::once(Question::Partner(partner)).chain(which).chain(inside).collect()
}

/// Asks the same as a look that found agreement, and tells whether all that came back is the same too.
///
/// # Errors
/// If something was not answered: then nothing is known.
pub async fn again<V: Vendor>(vendor: &V, look: &Look) -> Result<bool, VendorError> {
    if look.questions.len() <= FEW {
        for question in &look.questions {
            vendor.hear(*question).await?;
        }
    } else {
        let asked = stream::iter(look.questions.to_vec()).map(|question| vendor.hear(question));
        asked.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    }
    Ok(vendor.echo() == Some(look.echo))
}
