// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/probe.hpp"

namespace sendconnector::starttls {

std::string_view to_string(ProbeStage stage) {
    switch (stage) {
    case ProbeStage::connect:
        return "connect";
    case ProbeStage::greeting:
        return "greeting";
    case ProbeStage::ehlo:
        return "EHLO";
    case ProbeStage::starttls:
        return "STARTTLS";
    case ProbeStage::handshake:
        return "handshake";
    case ProbeStage::done:
        break;
    }
    return "done";
}

} // namespace sendconnector::starttls
