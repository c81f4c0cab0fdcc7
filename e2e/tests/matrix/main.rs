//! The crash matrix: operators die at every moment, calls fail and answers are lost; the end is always the same, each
//! thing made once. Operators run in this process, with the real SDK and the real controller; the suite `crashes` kills
//! the real process.

mod chapters;
mod coverage;
mod fate;
mod ground;
mod incarnation;
mod kubernetes;
mod life;
mod mutations;
mod rolling;
mod seeded;
mod sites;
mod whole;
mod wire;
