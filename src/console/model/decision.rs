//! The question which one is right, the portal or Entra.

use crate::desk::decide::Decision;

/// Both ways out of a contradiction, and the one under the cursor.
#[derive(Debug)]
pub struct DecisionScreen {
    /// Both ways out.
    pub decision: Decision,
    /// The cursor is on "the portal is right".
    pub portal: bool,
}
