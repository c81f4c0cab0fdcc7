//! The machine image that instances start from. See "Find an AMI" in the Amazon EC2 User Guide.

use wpc_api::v1alpha1::{Architecture, ImageFamily};

/// The machine image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// This very one.
    pub id: Option<String>,
    /// Else the newest of this distribution, when the first version is made; it stays while this stays.
    pub family: ImageFamily,
    /// For this processor.
    pub architecture: Architecture,
    /// Whether it follows the newest.
    pub follows: bool,
}

impl Image {
    /// `AmazonLinux2023/arm64`: what an image that was resolved once is kept for.
    pub fn origin(&self) -> String {
        origin(self.family, self.architecture)
    }

    /// What an origin says: any image of that family, for that processor.
    pub fn of_origin(text: &str) -> Option<Self> {
        let all = FAMILIES.into_iter().flat_map(|family| ARCHITECTURES.map(|architecture| (family, architecture)));
        let (family, architecture) = all.into_iter().find(|(family, it)| origin(*family, *it) == text)?;
        Some(Self { id: None, family, architecture, follows: false })
    }

    /// Owner and name of the family's images, as DescribeImages filters by them. Of Amazon Linux the kernel that AWS
    /// calls the default one, as its public parameter does: another kernel is no update.
    pub fn published(&self) -> (&'static str, String) {
        let architecture = self.architecture.name();
        let deb = match self.architecture {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "amd64",
        };
        match self.family {
            ImageFamily::AmazonLinux2023 => ("amazon", format!("al2023-ami-2023.*-kernel-6.1-{architecture}")),
            ImageFamily::Ubuntu2404 => {
                ("099720109477", format!("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{deb}-server-*"))
            }
            ImageFamily::Debian13 => ("136693071363", format!("debian-13-{deb}-*")),
        }
    }

    /// What the images call their root disk.
    pub fn root_device(&self) -> &'static str {
        match self.family {
            ImageFamily::AmazonLinux2023 | ImageFamily::Debian13 => "/dev/xvda",
            ImageFamily::Ubuntu2404 => "/dev/sda1",
        }
    }
}

const FAMILIES: [ImageFamily; 3] = [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404, ImageFamily::Debian13];
const ARCHITECTURES: [Architecture; 2] = [Architecture::Arm64, Architecture::X86_64];

fn origin(family: ImageFamily, architecture: Architecture) -> String {
    let family = match family {
        ImageFamily::AmazonLinux2023 => "AmazonLinux2023",
        ImageFamily::Ubuntu2404 => "Ubuntu2404",
        ImageFamily::Debian13 => "Debian13",
    };
    format!("{family}/{}", architecture.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_its_publisher() {
        use Architecture::{Arm64, X86_64};
        use ImageFamily::{AmazonLinux2023, Debian13, Ubuntu2404};
        let published = |family, architecture| Image { id: None, family, architecture, follows: false }.published();
        let table = [
            (AmazonLinux2023, Arm64, "amazon", "al2023-ami-2023.*-kernel-6.1-arm64"),
            (AmazonLinux2023, X86_64, "amazon", "al2023-ami-2023.*-kernel-6.1-x86_64"),
            (Ubuntu2404, Arm64, "099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*"),
            (Ubuntu2404, X86_64, "099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"),
            (Debian13, Arm64, "136693071363", "debian-13-arm64-*"),
            (Debian13, X86_64, "136693071363", "debian-13-amd64-*"),
        ];
        for (family, architecture, owner, name) in table {
            assert_eq!(published(family, architecture), (owner, name.to_owned()));
            let read = Image::of_origin(&origin(family, architecture)).map(|image| image.published());
            assert_eq!(read, Some((owner, name.to_owned())));
        }
    }
}
