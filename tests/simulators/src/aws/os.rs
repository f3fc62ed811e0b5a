//! The operating systems of the world's nodes.

/// An operating system, with its names in the different operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Os {
    /// Amazon Linux 2023: absent from DescribeAvailablePatches.
    AmazonLinux2023,
    /// Amazon Linux 2: the one Linux here that DescribeAvailablePatches lists.
    AmazonLinux2,
    /// Red Hat Enterprise Linux 9.
    Rhel9,
    /// Windows Server 2022.
    WindowsServer2022,
    /// Ubuntu 22.04 LTS: reports no CVEs, and a priority instead of a severity.
    Ubuntu2204,
}

impl Os {
    /// All operating systems.
    pub const ALL: [Self; 5] = [
        Self::AmazonLinux2023,
        Self::AmazonLinux2,
        Self::Rhel9,
        Self::WindowsServer2022,
        Self::Ubuntu2204,
    ];

    /// `PlatformType` of DescribeInstanceInformation.
    pub fn platform_type(self) -> &'static str {
        if self.is_windows() { "Windows" } else { "Linux" }
    }

    /// `PlatformName` of DescribeInstanceInformation.
    pub fn platform_name(self) -> &'static str {
        match self {
            Self::AmazonLinux2023 | Self::AmazonLinux2 => "Amazon Linux",
            Self::Rhel9 => "Red Hat Enterprise Linux",
            Self::WindowsServer2022 => "Microsoft Windows Server 2022 Datacenter",
            Self::Ubuntu2204 => "Ubuntu",
        }
    }

    /// `PlatformVersion` of DescribeInstanceInformation.
    pub fn platform_version(self) -> &'static str {
        match self {
            Self::AmazonLinux2023 => "2023",
            Self::AmazonLinux2 => "2",
            Self::Rhel9 => "9.4",
            Self::WindowsServer2022 => "10.0.20348",
            Self::Ubuntu2204 => "22.04",
        }
    }

    /// `OperatingSystem` of a patch baseline.
    pub fn baseline_name(self) -> &'static str {
        match self {
            Self::AmazonLinux2023 => "AMAZON_LINUX_2023",
            Self::AmazonLinux2 => "AMAZON_LINUX_2",
            Self::Rhel9 => "REDHAT_ENTERPRISE_LINUX",
            Self::WindowsServer2022 => "WINDOWS",
            Self::Ubuntu2204 => "UBUNTU",
        }
    }

    /// The `Product` of an available patch.
    pub fn product(self) -> &'static str {
        match self {
            Self::AmazonLinux2023 => "AmazonLinux2023",
            Self::AmazonLinux2 => "AmazonLinux2",
            Self::Rhel9 => "RedhatEnterpriseLinux9.4",
            Self::WindowsServer2022 => "WindowsServer2022",
            Self::Ubuntu2204 => "Ubuntu22.04",
        }
    }

    /// Whether it is Windows, which the service evaluates; Linux is evaluated on the node. Much
    /// follows from it.
    pub fn is_windows(self) -> bool {
        self == Self::WindowsServer2022
    }

    /// Whether DescribeAvailablePatches knows this system.
    pub fn is_in_catalogue(self) -> bool {
        matches!(self, Self::WindowsServer2022 | Self::AmazonLinux2)
    }

    /// The step of AWS-RunPatchBaseline that does the work on this system.
    pub fn plugin(self) -> &'static str {
        if self.is_windows() { "PatchWindows" } else { "PatchLinux" }
    }
}
