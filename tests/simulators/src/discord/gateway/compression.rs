//! Compression: one zlib stream over a whole connection, or each payload separately.

use axum::extract::ws::Message as Frame;
use flate2::{Compress, FlushCompress};
use serde_json::Value;

/// Discord compresses only payloads of at least this size (docs), because smaller ones are not
/// worth it.
const LARGE: usize = 1_024;

pub(super) enum Compression {
    /// Uncompressed text.
    Plain,
    /// `compress: true` in IDENTIFY: large payloads, each a zlib document.
    EachLarge,
    /// `compress=zlib-stream` in the address: one stream, flushed after each payload.
    Stream(Box<Compress>),
}

impl Compression {
    pub(super) fn stream() -> Self {
        Self::Stream(Box::new(Compress::new(flate2::Compression::fast(), true)))
    }

    pub(super) fn frame(&mut self, payload: &Value) -> Frame {
        let text = payload.to_string();
        match self {
            Self::Plain => Frame::Text(text.into()),
            Self::EachLarge if text.len() < LARGE => Frame::Text(text.into()),
            Self::EachLarge => {
                let mut whole = Compress::new(flate2::Compression::fast(), true);
                Frame::Binary(run(&mut whole, text.as_bytes(), FlushCompress::Finish).into())
            }
            Self::Stream(stream) => {
                Frame::Binary(run(stream, text.as_bytes(), FlushCompress::Sync).into())
            }
        }
    }
}

/// Everything that comes out of `input`. The output grows until the flush is complete, which is the
/// case once there is room left.
fn run(stream: &mut Compress, input: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 2 + 64);
    let began = stream.total_in();
    loop {
        out.reserve(256);
        let taken = usize::try_from(stream.total_in() - began).unwrap_or(input.len());
        let status = stream.compress_vec(&input[taken..], &mut out, flush);
        let is_taken = stream.total_in() - began == input.len() as u64;
        if status.is_err() || (is_taken && out.len() < out.capacity()) {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stream_is_read_payload_by_payload() {
        let mut compression = Compression::stream();
        let mut reader = Decompress::new(true);
        for length in [1, 300, 100_000] {
            let payload = json!({ "d": "ab".repeat(length) });
            let Frame::Binary(bytes) = compression.frame(&payload) else { panic!("not binary") };
            assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]), "flushed");
            let mut read = Vec::with_capacity(300_000);
            reader.decompress_vec(&bytes, &mut read, FlushDecompress::Sync).expect("zlib");
            assert_eq!(serde_json::from_slice::<Value>(&read).expect("JSON"), payload);
        }
    }
}
