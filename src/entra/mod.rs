//! Microsoft: sign-in and Graph.
