//! Reads a fleet: its nodes, what they report, what they miss, and which baselines apply to them.

pub(in crate::aws) mod agents;
pub(in crate::aws) mod available_patches;
pub(in crate::aws) mod baselines;
pub(in crate::aws) mod missing_index;
pub(in crate::aws) mod nodes;
pub(in crate::aws) mod operating_system;
pub(in crate::aws) mod patch_states;
pub(in crate::aws) mod patches;
pub(in crate::aws) mod survey;
pub(in crate::aws) mod two_groups;
