//! Commands: sending them through the gate, finding and tracking them, and what their nodes read and write.

pub(in crate::aws) mod gate;
pub(in crate::aws) mod outputs;
pub(in crate::aws) mod override_list;
pub(in crate::aws) mod scan;
pub(in crate::aws) mod send;
pub(in crate::aws) mod track;
