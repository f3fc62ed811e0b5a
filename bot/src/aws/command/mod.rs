//! Commands: sending them through the gate, finding and tracking them, the lists that their nodes
//! read, and the output that their nodes write.

pub(in crate::aws) mod gate;
pub(in crate::aws) mod outputs;
pub(in crate::aws) mod override_list;
pub(in crate::aws) mod scan;
pub(in crate::aws) mod send;
pub(in crate::aws) mod track;
