//! The rules, one per file, from cheap to dear.
//!
//! | file | refuses | clause |
//! |-|-|-|
//! | [`form`] | what meets no form of the policy | CNIL 2022-100, cases 1 to 3 |
//! | [`common`] | what everybody uses | CNIL 2022-100, §37 |
//! | [`quotation`] | what everybody knows by heart | none: a choice of rempart |
//! | [`context`] | what is known of the person | CNIL guide 2024 |
//! | [`guess`] | what an attacker would try early | CNIL 2022-100, guessability |
//! | [`leak`] | what an online service knows to have leaked | ASVS 5.0, 6.2.12 |

pub(crate) mod common;
pub(crate) mod context;
pub(crate) mod form;
pub(crate) mod guess;
pub(crate) mod leak;
pub(crate) mod quotation;
