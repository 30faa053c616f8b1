//! One request to the controller and its answer: signed, bounded in time and size, with the headers APS wants.

use std::time::SystemTime;

use http::header::{AUTHORIZATION, HeaderMap};
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::error::lost_transaction;
use super::{Apsc, ApscError, Behalf};
use crate::osa::context::{INSTANCE, TRANSACTION};

const RESOURCE: HeaderName = HeaderName::from_static("aps-resource-id");
/// Largest answer read, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// Hexadecimal digits of a nonce: some libraries take none shorter than 20 or longer than 30.
const NONCE: usize = 24;

/// A successful answer.
pub(super) struct Answered {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Apsc {
    /// Sends the request, and once more without its transaction if that is over.
    pub(super) async fn exchange(
        &self,
        method: Method,
        url: &Url,
        behalf: &Behalf,
        body: Option<&Value>,
    ) -> Result<Answered, ApscError> {
        let (status, answered) = self.send(method.clone(), url, behalf, body).await?;
        let (status, answered) = if behalf.transaction.is_some() && lost_transaction(status, &answered.body) {
            let without = Behalf { transaction: None, ..behalf.clone() };
            self.send(method, url, &without, body).await?
        } else {
            (status, answered)
        };
        if (200..300).contains(&status) {
            Ok(answered)
        } else {
            Err(ApscError::answered(status, &answered.body))
        }
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        behalf: &Behalf,
        body: Option<&Value>,
    ) -> Result<(u16, Answered), ApscError> {
        let headers = self.headers(&method, url, behalf)?;
        let mut request = self.http.request(method, url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let body = bounded(response).await?;
        Ok((status, Answered { headers, body }))
    }

    fn headers(&self, method: &Method, url: &Url, behalf: &Behalf) -> Result<HeaderMap, ApscError> {
        let mut headers = HeaderMap::new();
        let id = |id: Uuid| HeaderValue::from_str(&id.to_string()).ok();
        headers.extend(self.instance.and_then(id).map(|id| (INSTANCE, id)));
        headers.extend(behalf.resource.and_then(id).map(|id| (RESOURCE, id)));
        let transaction = behalf.transaction.as_deref().and_then(|text| HeaderValue::from_str(text).ok());
        headers.extend(transaction.map(|transaction| (TRANSACTION, transaction)));
        if let Some(keys) = &self.oauth {
            let mut nonce = Uuid::new_v4().simple().to_string();
            nonce.truncate(NONCE);
            let signed = keys.authorization(method.as_str(), url, SystemTime::now(), &nonce);
            let unsignable = || ApscError::Unusable("its address cannot be signed".into());
            headers.insert(AUTHORIZATION, signed.ok_or_else(unsignable)?);
        }
        Ok(headers)
    }
}

async fn bounded(mut response: reqwest::Response) -> Result<Vec<u8>, ApscError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(ApscError::Unreadable(format!("it is larger than {LARGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
