//! Content codings (RFC 9110 §8.4): a body is kept as the sender of mail would read it, within the cap.

use std::io::Read;

use hyper::HeaderMap;
use hyper::header::CONTENT_ENCODING;

use super::MAX_BODY;

/// A content coding (RFC 9110 §8.4.1). We ask for none; some servers compress all the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encoding {
    /// None, or one that is not undone: the body stays as it came.
    Kept,
    Gzip,
    Deflate,
}

impl Encoding {
    pub(super) fn of(headers: &HeaderMap) -> Encoding {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let (Some(only), None) = (values.next(), values.next()) else { return Encoding::Kept };
        match only.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Encoding::Gzip,
            b"deflate" => Encoding::Deflate,
            _ => Encoding::Kept,
        }
    }

    /// The decoded body within the cap, and whether there was more. An error where the coding is broken.
    pub(super) fn decode(self, raw: &[u8]) -> std::io::Result<(Vec<u8>, bool)> {
        match self {
            Encoding::Kept => Ok((raw.to_vec(), false)),
            Encoding::Gzip => bounded(flate2::read::MultiGzDecoder::new(raw)),
            // RFC 9110 §8.4.1.2: deflate means zlib; some senders leave out the wrapping.
            Encoding::Deflate => bounded(flate2::read::ZlibDecoder::new(raw))
                .or_else(|_| bounded(flate2::read::DeflateDecoder::new(raw))),
        }
    }
}

/// Reads at most [`MAX_BODY`] bytes, so that a compression bomb stops there.
fn bounded(reader: impl Read) -> std::io::Result<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let mut limited = reader.take(MAX_BODY as u64 + 1);
    limited.read_to_end(&mut out)?;
    let too_large = out.len() > MAX_BODY;
    out.truncate(MAX_BODY);
    Ok((out, too_large))
}
