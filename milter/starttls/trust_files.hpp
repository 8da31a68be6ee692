// SPDX-License-Identifier: Apache-2.0
// TrustFiles: CA files, each parsed once for all connectors that name it, and again when it changes.
#pragma once

#include "policy/certificate/trust_anchors.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace sendconnector::starttls {

// Not for several threads at once.
class TrustFiles {
public:
    struct Anchors {
        policy::TrustAnchors anchors;
        std::string digest; // SHA-256 (hex) of the file's octets
    };

    // An empty path is the system's list.
    Result<Anchors> read(const std::string& path);
    // Whether a file read before looks different now, came, or went.
    bool changed() const;
    // Whether any was read.
    bool empty() const { return m_read.empty(); }

private:
    struct Look {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = -1;    // -1: not there
        std::int64_t modified = 0; // nanoseconds
        friend bool operator==(const Look&, const Look&) = default;
    };
    struct Read {
        Look look;
        Result<Anchors> anchors;
    };

    static Look look_at(const std::string& path);

    std::map<std::string, Read> m_read;
};

} // namespace sendconnector::starttls
