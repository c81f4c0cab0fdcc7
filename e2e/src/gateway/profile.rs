//! How fast the gateway's AWS is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long AWS's minutes last here, and which of its times differ from the table's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Seconds here for a minute of AWS; zero makes everything instant.
    pub minute: f64,
    /// AWS seconds until a new thing shows in lists and by id.
    pub visible_after: f64,
    /// AWS seconds by action (`CreateDBInstance`) or kind (`rds/instance`), in place of the table's.
    pub times: BTreeMap<String, f64>,
    /// Are calls refused that come faster than AWS's published rates?
    pub throttles: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self::instant()
    }
}

impl Profile {
    /// Everything is ready at once, as the emulators have it.
    pub fn instant() -> Self {
        Self { minute: 0.0, visible_after: 0.0, times: BTreeMap::new(), throttles: false }
    }

    /// AWS's typical times, a minute of which lasts this long; new things are invisible for two AWS seconds.
    pub fn aws(minute: Duration) -> Self {
        Self { minute: minute.as_secs_f64(), visible_after: 2.0, ..Self::instant() }
    }

    /// Another time for an action or a kind, in AWS seconds.
    #[must_use]
    pub fn with_time(mut self, what: &str, seconds: f64) -> Self {
        self.times.insert(what.into(), seconds);
        self
    }

    /// Another time until new things are visible, in AWS seconds.
    #[must_use]
    pub fn visible_after(mut self, seconds: f64) -> Self {
        self.visible_after = seconds;
        self
    }

    /// Calls that come faster than AWS's published rates are refused.
    #[must_use]
    pub fn throttled(mut self) -> Self {
        self.throttles = true;
        self
    }

    /// How long seconds of AWS last here.
    pub fn scaled(&self, seconds: f64) -> Duration {
        Duration::try_from_secs_f64(seconds * self.minute / 60.0).unwrap_or_default()
    }

    /// How long an action on a kind takes here.
    pub fn takes(&self, kind: &str, action: &str, seconds: u32) -> Duration {
        let own = self.times.get(action).or_else(|| self.times.get(kind));
        self.scaled(own.copied().unwrap_or_else(|| f64::from(seconds)))
    }

    /// How long new things stay invisible here.
    pub fn blind(&self) -> Duration {
        self.scaled(self.visible_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_scale_and_can_be_set() {
        let fast = Profile::aws(Duration::from_millis(200));
        assert_eq!(fast.takes("rds/instance", "CreateDBInstance", 600), Duration::from_secs(2));
        let own = fast.with_time("rds/instance", 60.0).with_time("DeleteDBInstance", 0.0);
        assert_eq!(own.takes("rds/instance", "CreateDBInstance", 600), Duration::from_millis(200));
        assert_eq!(own.takes("rds/instance", "DeleteDBInstance", 600), Duration::ZERO);
        assert_eq!(Profile::instant().takes("x", "y", 600), Duration::ZERO);
    }
}
