//! Closed vocabularies: a unit enum whose words are what the tables hold.

/// Declares a closed vocabulary: a unit enum whose words are what the tables hold.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
        #[allow(missing_docs, reason = "words of a closed vocabulary are documented in the dataset reference")]
        pub enum $name { $($(#[doc = $doc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every word of the vocabulary, in its documented order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The word as it stands in the tables.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// What the word means, in one sentence: its doc comment.
            pub fn meaning(self) -> &'static str {
                match self { $($name::$variant => concat!($($doc),*).trim_ascii()),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
