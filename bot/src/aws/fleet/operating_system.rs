//! The operating system of a node, as baselines and the catalogue name it.

use aws_sdk_ssm::types::InstanceInformation;

use crate::aws::parse;

/// The `OperatingSystem` of a patch baseline; `None` for a system that Patch Manager does not
/// patch.
///
/// Names: `ID` and `NAME` in the os-release of each system, which the agent reports, and the table
/// of supported systems in the user guide.
pub(in crate::aws) fn operating_system(information: &InstanceInformation) -> Option<&'static str> {
    let platform = information.platform_type().map(|platform| parse::plain(platform.as_str()));
    match platform.as_deref()? {
        "windows" => return Some("WINDOWS"),
        "macos" => return Some("MACOS"),
        _ => {}
    }
    let name = parse::plain(information.platform_name()?);
    let version = information.platform_version().unwrap_or_default().trim();
    let by_name = [
        ("redhat", "REDHAT_ENTERPRISE_LINUX"),
        ("rhel", "REDHAT_ENTERPRISE_LINUX"),
        ("ubuntu", "UBUNTU"),
        ("suse", "SUSE"),
        ("sles", "SUSE"),
        ("centos", "CENTOS"),
        ("oracle", "ORACLE_LINUX"),
        ("debian", "DEBIAN"),
        ("raspbian", "RASPBIAN"),
        ("rocky", "ROCKY_LINUX"),
        ("almalinux", "ALMA_LINUX"),
    ];
    if name.starts_with("amazonlinux") {
        return match version.split('.').next()? {
            "2023" => Some("AMAZON_LINUX_2023"),
            "2022" => Some("AMAZON_LINUX_2022"),
            "2" => Some("AMAZON_LINUX_2"),
            // Versions 2012.03 to 2018.03.
            year if year.starts_with("201") => Some("AMAZON_LINUX"),
            _ => None,
        };
    }
    by_name.into_iter().find(|(start, _)| name.starts_with(start)).map(|(_, system)| system)
}

/// A product that DescribeAvailablePatches lists: for Linux only Amazon Linux 1 and 2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::aws) enum Product {
    /// The product name, such as `WindowsServer2022`.
    Windows(String),
    /// The product name, such as `AmazonLinux2`.
    Linux(String),
}

/// The `PRODUCT`s under which a node's patches are listed; empty for a system that is not listed,
/// which is no fault.
pub(in crate::aws) fn products(information: &InstanceInformation) -> Vec<Product> {
    match operating_system(information) {
        Some("WINDOWS") => {
            information.platform_name().and_then(windows_server).into_iter().collect()
        }
        // The reference names one of them; baselines list both.
        Some("AMAZON_LINUX_2") => {
            ["AmazonLinux2", "AmazonLinux2.0"].map(|name| Product::Linux(name.into())).into()
        }
        Some("AMAZON_LINUX") => {
            let version = information.platform_version().unwrap_or_default().trim();
            vec![Product::Linux(format!("AmazonLinux{version}"))]
        }
        _ => Vec::new(),
    }
}

/// Maps `Microsoft Windows Server 2012 R2 Standard` to `WindowsServer2012R2`.
fn windows_server(name: &str) -> Option<Product> {
    let (_, rest) = name.split_once("Windows Server ")?;
    let mut words = rest.split_whitespace();
    let year = words.next().filter(|word| word.chars().all(|c| c.is_ascii_digit()))?;
    let release = words.next().filter(|word| *word == "R2").unwrap_or_default();
    Some(Product::Windows(format!("WindowsServer{year}{release}")))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::types::PlatformType;

    use super::*;

    fn node(platform: PlatformType, name: &str, version: &str) -> InstanceInformation {
        InstanceInformation::builder()
            .platform_type(platform)
            .platform_name(name)
            .platform_version(version)
            .build()
    }

    #[test]
    fn every_system_has_the_name_of_its_baselines() {
        let check = |name: &str, version: &str, expected: Option<&str>| {
            let node = node(PlatformType::Linux, name, version);
            assert_eq!(operating_system(&node), expected, "{name} {version}");
        };
        check("Amazon Linux", "2023", Some("AMAZON_LINUX_2023"));
        check("Amazon Linux", "2", Some("AMAZON_LINUX_2"));
        check("Amazon Linux AMI", "2018.03", Some("AMAZON_LINUX"));
        check("Red Hat Enterprise Linux Server", "7.9", Some("REDHAT_ENTERPRISE_LINUX"));
        check("SLES", "15.5", Some("SUSE"));
        check("Oracle Linux Server", "8.9", Some("ORACLE_LINUX"));
        check("Debian GNU/Linux", "12", Some("DEBIAN"));
        check("AlmaLinux", "9.3", Some("ALMA_LINUX"));
        check("Bottlerocket", "1.20", None);
        let windows = node(PlatformType::Windows, "Microsoft Windows Server 2019 Datacenter", "10");
        assert_eq!(operating_system(&windows), Some("WINDOWS"));
    }

    #[test]
    fn only_windows_and_the_older_amazon_linux_are_listed() {
        let listed = |platform, name, version| products(&node(platform, name, version));
        let windows = |name| listed(PlatformType::Windows, name, "10.0");
        assert_eq!(
            windows("Microsoft Windows Server 2022 Datacenter"),
            [Product::Windows("WindowsServer2022".into())]
        );
        assert_eq!(
            windows("Microsoft Windows Server 2012 R2 Standard"),
            [Product::Windows("WindowsServer2012R2".into())]
        );
        assert_eq!(windows("Microsoft Windows 11 Enterprise"), []);
        assert_eq!(listed(PlatformType::Linux, "Amazon Linux", "2").len(), 2);
        assert_eq!(
            listed(PlatformType::Linux, "Amazon Linux AMI", "2018.03"),
            [Product::Linux("AmazonLinux2018.03".into())]
        );
        assert_eq!(listed(PlatformType::Linux, "Amazon Linux", "2023"), []);
        assert_eq!(listed(PlatformType::Linux, "Ubuntu", "22.04"), []);
    }
}
