//! A rule by name: every decided column can say which one decided it.
//!
//! A [`Rule`] has a stable id, the section it comes from and a sentence for a person. A function that decides returns a
//! [`Ruled`] word. "Verdicts" in a citation is the project's own page of verdict rules, where an RFC is silent or leaves a
//! choice.

/// Why a column holds what it holds.
#[derive(Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Rule {
    /// Stable, kebab-case.
    pub id: &'static str,
    /// The section that the rule comes from.
    pub citation: &'static str,
    /// One sentence for a person.
    pub sentence: &'static str,
}

/// A word and the rule that decided it.
#[derive(Clone, Copy, Debug)]
pub struct Ruled<Word> {
    /// The word.
    pub word: Word,
    /// The rule.
    pub rule: &'static Rule,
}

impl<Word> Ruled<Word> {
    /// A word and its rule.
    pub fn new(word: Word, rule: &'static Rule) -> Self {
        Self { word, rule }
    }
}

/// Declares rules as statics, and `ALL` of them in their order.
#[macro_export]
macro_rules! rules {
    ($($name:ident $id:literal $citation:literal $sentence:literal;)*) => {
        $(#[doc = $sentence] pub static $name: $crate::rule::Rule = $crate::rule::Rule { id: $id, citation: $citation, sentence: $sentence };)*
        /// Every rule, in the order of the verdicts page.
        pub static ALL: &[&$crate::rule::Rule] = &[$(&$name),*];
    };
}
