// SPDX-License-Identifier: Apache-2.0
// Many smart hosts that are alike, one in twenty of them dripping or dead.
#include "tests/fault_host/catalogue.hpp"

namespace sendconnector::fault_host {

using namespace std::chrono_literals;

void add_crowd(Catalogue& all, std::size_t count) {
    Dialogue slow;
    slow.tls = all.good_server();
    slow.tampering.drip = 500ms;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = "host " + std::to_string(i);
        if (i % 20 != 7) {
            all.add_dialogue("sound", name, healthy(), {});
            continue;
        }
        switch (i / 20 % 4) {
        case 0:
            all.add_play("bad", name, no_session("greeting"), [](Session& session) {
                return session.drip("220 " + std::string(500, 'z') + "\r\n", 500ms);
            });
            break;
        case 1:
            all.add_play("bad", name, no_session("greeting"),
                         [](Session& session) { return session.hold(); });
            break;
        case 2:
            all.add_dialogue("bad", name, no_tls("handshake"), slow);
            break;
        default:
            all.add_play("bad", name, no_session("connect"), {});
            break;
        }
    }
}

} // namespace sendconnector::fault_host
