// SPDX-License-Identifier: Apache-2.0
// The daemon as a process: what systemd, Postfix and an administrator meet.
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/daemon_process.hpp"
#include "tests/unit/milter/support/milter_client.hpp"

#include <atomic>
#include <map>
#include <set>
#include <sstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>

using namespace sendconnector;
using namespace std::chrono_literals;
using test::DaemonFolder;
using test::DaemonProcess;
using test::eventually;
using test::MilterClient;
using test::netstring;
using test::StreamClient;

namespace {

constexpr std::string_view contoso = R"(
[[connector]]
name = "Contoso"
senders = ["contoso.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.contoso.example]:587"]
max_message_size = "1MB"
)";
constexpr std::string_view fabrikam = R"(
[[connector]]
name = "Fabrikam"
senders = ["fabrikam.example"]
address_spaces = ["*"]
)";

struct Ready : DaemonFolder {
    explicit Ready(std::string_view connectors = contoso) {
        configure(connectors);
        apply();
    }
};

std::string look_up(const DaemonFolder& folder, std::string_view request) {
    const StreamClient client(folder.lookup());
    client.send(netstring(request));
    return client.receive_netstring();
}

} // namespace

TEST_CASE("the daemon starts, answers on three sockets, and ends at SIGTERM") {
    const Ready folder;
    DaemonProcess daemon(folder);
    CHECK(look_up(folder, "transport alice@contoso.example") == "OK sc-contoso:[smtp.contoso.example]:587");
    const auto client = MilterClient::ready(folder.milter());
    CHECK(client.mail("<alice@contoso.example>", "SIZE=2000000") == "continue");
    CHECK(client.rcpt("<bob@far.example>", "sc-contoso").starts_with("552 5.3.4 "));
    const auto status = daemon.status();
    CHECK(status["ok"] == true);
    CHECK(status["pid"] == daemon.pid());
    CHECK(status["version"] == SENDCONNECTOR_VERSION);
    CHECK(status["configuration"] == folder.config());
    CHECK(status["digest"].get<std::string>().size() == 64);
    CHECK(status["since"].get<std::string>().size() == 20);
    CHECK(status["connectors"] ==
          nlohmann::json::parse(
              R"([{"name":"Contoso","service":"sc-contoso","enabled":true,"applied":true}])"));
    CHECK(status["sockets"]["lookup"] == folder.lookup());
    CHECK(status["counters"]["lookup"]["ok"] == 1);
    CHECK(status["counters"]["milter"]["rejected_size"] == 1);
    CHECK(status["last_reload"]["ok"] == true);
    for (const auto& path : {folder.milter(), folder.lookup(), folder.control()}) {
        struct stat facts {};
        REQUIRE(::stat(path.c_str(), &facts) == 0);
        CHECK((facts.st_mode & 07777) == 0660);
    }
    const auto start = std::chrono::steady_clock::now();
    SECTION("SIGTERM") {
        daemon.signal(SIGTERM);
    }
    SECTION("SIGINT") {
        daemon.signal(SIGINT);
    }
    // The client is in the middle of a message and leaves it.
    client.send('A');
    CHECK(daemon.exit_status() == 0);
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    for (const auto& path : {folder.milter(), folder.lookup(), folder.control()}) {
        CHECK_FALSE(std::filesystem::exists(path));
    }
}

TEST_CASE("SIGTERM lets a message finish and its recipients be looked up, and takes no new one") {
    const Ready folder;
    DaemonProcess daemon(folder);
    const auto busy = MilterClient::ready(folder.milter());
    REQUIRE(busy.mail("<alice@contoso.example>") == "continue");
    daemon.signal(SIGTERM);
    CHECK(eventually([&] {
        return MilterClient::ready(folder.milter()).mail("<carol@contoso.example>").starts_with("451 4.3.2 ");
    }));
    CHECK(daemon.runs());
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("OK "));
    std::this_thread::sleep_for(300ms); // a message takes its time
    CHECK(busy.rcpt("<bob@far.example>", "sc-contoso") == "continue");
    CHECK(busy.message("hello\r\n") == "continue");
    CHECK(daemon.exit_status() == 0);
}

TEST_CASE("a burst of SIGHUPs is a reload, never the end") {
    const Ready folder;
    DaemonProcess daemon(folder);
    const auto lookup = StreamClient(folder.lookup());
    folder.configure(std::string(contoso) + std::string(fabrikam));
    folder.apply();
    for (int i = 0; i < 2000; ++i) {
        daemon.signal(SIGHUP);
        if (i % 50 == 0) {
            REQUIRE(lookup.send(netstring("transport alice@contoso.example")));
            REQUIRE(lookup.receive_netstring().starts_with("OK sc-contoso:"));
        }
    }
    CHECK(eventually([&] { return daemon.status()["connectors"].size() == 2; }));
    CHECK(look_up(folder, "transport bob@fabrikam.example") == "OK sc-fabrikam:");
    const auto client = MilterClient::ready(folder.milter());
    CHECK(client.mail("<bob@fabrikam.example>") == "accept"); // the lookup endpoint decides alone
    CHECK(daemon.runs());
    const auto log = daemon.output();
    std::size_t reloads = 0;
    for (auto at = log.find("configuration="); at != std::string::npos;
         at = log.find("configuration=", at + 1)) {
        ++reloads;
    }
    CHECK(reloads < 200);
    daemon.signal(SIGTERM);
    CHECK(daemon.exit_status() == 0);
}

TEST_CASE("an idle daemon sleeps") {
    std::string connectors;
    for (int i = 0; i < 10; ++i) {
        connectors += "[[connector]]\nname = \"C" + std::to_string(i) + "\"\nsenders = [\"c" +
                      std::to_string(i) + ".example\"]\naddress_spaces = [\"*\"]\n";
    }
    const Ready folder(connectors);
    DaemonProcess daemon(folder);
    CHECK(look_up(folder, "transport alice@c1.example") == "OK sc-c1:");
    const auto sleeps = [&] {
        std::map<std::string, std::string> all;
        for (const auto& task :
             std::filesystem::directory_iterator("/proc/" + std::to_string(daemon.pid()) + "/task")) {
            std::ifstream status(task.path() / "status");
            for (std::string word; status >> word;) {
                if (word == "voluntary_ctxt_switches:") {
                    status >> all[task.path().filename()];
                }
            }
        }
        return all;
    };
    CHECK(eventually(
        [&] {
            const auto before = sleeps();
            std::this_thread::sleep_for(3s);
            return sleeps() == before;
        },
        30s));
    CHECK(look_up(folder, "transport alice@c1.example") == "OK sc-c1:");
    // What nothing has needed yet is not in memory.
    std::ostringstream maps;
    maps << std::ifstream("/proc/" + std::to_string(daemon.pid()) + "/maps").rdbuf();
    CHECK(maps.str().find("libcrypto") != std::string::npos);
    CHECK(maps.str().find("libcurl") == std::string::npos);
    daemon.signal(SIGTERM);
    CHECK(daemon.exit_status() == 0);
}

TEST_CASE("a reload leaves the cores to those who are served") {
    const Ready folder;
    DaemonProcess daemon(folder);
    std::string senders;
    for (int i = 0; i < 50'000; ++i) {
        senders += "sender-" + std::to_string(i) + ".example\n";
    }
    folder.directory.write("senders", senders);
    folder.configure(std::string(contoso) + "senders_file = \"" + (folder.directory / "senders") + "\"\n");
    std::set<int> nice;
    for (int round = 0; round < 20 && nice.size() < 2; ++round) {
        std::atomic<bool> loaded{false};
        std::thread loading([&] {
            CHECK(daemon.reload()["ok"] == true);
            loaded = true;
        });
        while (!loaded) {
            std::error_code gone;
            for (const auto& task : std::filesystem::directory_iterator(
                     "/proc/" + std::to_string(daemon.pid()) + "/task", gone)) {
                std::ifstream stat(task.path() / "stat");
                std::string text;
                std::getline(stat, text);
                // The 19th field of proc(5), the second may have blanks in it.
                std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
                std::string field;
                for (int i = 2; i < 19 && fields >> field; ++i) {
                }
                if (fields) {
                    nice.insert(std::stoi(field));
                }
            }
            std::this_thread::sleep_for(1ms);
        }
        loading.join();
    }
    CHECK(nice.size() == 2); // ours, and that of a reload
    CHECK(*nice.rbegin() == *nice.begin() + 10);
    CHECK(look_up(folder, "transport a@sender-49999.example").starts_with("OK sc-contoso:"));
}

TEST_CASE("the control socket reloads; a bad configuration keeps the old one, and says so") {
    const Ready folder;
    DaemonProcess daemon(folder);
    const auto digest = daemon.status()["digest"];
    folder.configure(std::string(contoso) + "unknown_key = 1\n");
    const auto refused = daemon.reload();
    CHECK(refused["ok"] == false);
    REQUIRE(refused["errors"].size() == 1);
    CHECK(refused["errors"][0].get<std::string>().find("unknown_key") != std::string::npos);
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("OK "));
    auto status = daemon.status();
    CHECK(status["digest"] == digest);
    CHECK(status["last_reload"]["ok"] == false);
    CHECK(status["last_reload"]["errors"] == refused["errors"]);
    folder.configure(fabrikam);
    folder.apply();
    const auto taken = daemon.reload();
    CHECK(taken["ok"] == true);
    CHECK(taken["digest"] != digest);
    CHECK(look_up(folder, "transport alice@contoso.example") == "NOTFOUND ");
    // Garbage there harms nobody.
    CHECK(daemon.ask("garbage")["ok"] == false);
    const StreamClient flood(folder.control());
    (void)flood.send(std::string(100'000, 'x'), 1000);
    CHECK(flood.is_closed());
    CHECK(daemon.status()["ok"] == true);
    CHECK(daemon.says("control: connection closed: the line is longer than 4096 octets"));
}

TEST_CASE("reloads under load answer every lookup from one snapshot or the other") {
    const Ready folder;
    const DaemonProcess daemon(folder);
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::atomic<int> asked{0};
    std::vector<std::thread> askers;
    for (int i = 0; i < 3; ++i) {
        askers.emplace_back([&] {
            const StreamClient client(folder.lookup());
            while (!done) {
                client.send(netstring("transport alice@contoso.example"));
                wrong += client.receive_netstring() == "OK sc-contoso:[smtp.contoso.example]:587" ? 0 : 1;
                ++asked;
            }
        });
    }
    for (int i = 0; i < 40; ++i) {
        folder.configure(i % 2 == 0 ? std::string(contoso) : std::string(contoso) + std::string(fabrikam));
        folder.apply();
        CHECK(daemon.reload()["ok"] == true);
    }
    done = true;
    for (auto& asker : askers) {
        asker.join();
    }
    CHECK(wrong == 0);
    CHECK(asked > 100);
}

TEST_CASE("what keeps the daemon from starting is said, exit status 1") {
    struct Case {
        std::string_view what;
        std::string_view want;
    };
    const Case cases[] = {
        {"bad configuration", "prot"},
        {"no configuration", "sendconnector.toml"},
        {"socket path too long", "107"},
        {"no directory", "No such file or directory"},
        {"not a socket", "something else than a socket"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.what);
        const Ready folder;
        const auto replace = [&](std::string_view what, const std::string& by) {
            auto table = folder.daemon_table();
            table.replace(table.find(what), what.size(), by);
            folder.directory.write("sendconnector.toml", table + std::string(contoso));
        };
        if (c.what == "bad configuration") {
            folder.configure(std::string(contoso) + "prot = 25\nfqnd = \"x\"\n");
        } else if (c.what == "no configuration") {
            std::filesystem::remove(folder.config());
        } else if (c.what == "socket path too long") {
            replace("run/lookup", "run/" + std::string(120, 'x'));
        } else if (c.what == "no directory") {
            replace("run/milter", "nowhere/milter");
        } else {
            folder.directory.write("run/milter", "precious");
        }
        for (const auto* target : {"stderr", "syslog"}) {
            DaemonProcess daemon(folder, {"--config", folder.config(), "--log", target});
            CHECK(daemon.exit_status() == 1);
            CAPTURE(daemon.output());
            CHECK(daemon.says(c.want));
            CHECK((c.what != "bad configuration" || daemon.says("fqnd"))); // all findings, not the first only
        }
        CHECK_FALSE(std::filesystem::exists(folder.control()));
        CHECK_FALSE(std::filesystem::exists(folder.lookup()));
        CHECK((c.what != "not a socket" || std::filesystem::exists(folder.milter())));
    }
}

TEST_CASE("sockets of a daemon that was killed are taken over, those of a live one are not") {
    const Ready folder;
    {
        DaemonProcess killed(folder);
        killed.signal(SIGKILL);
        CHECK(killed.exit_status() == 1000 + SIGKILL);
    }
    CHECK(std::filesystem::exists(folder.milter()));
    DaemonProcess live(folder);
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("OK "));
    DaemonProcess second(folder, {"--config", folder.config(), "--log", "stderr"});
    CHECK(second.exit_status() == 1);
    CHECK(second.says("another sendconnectord is running"));
    // One with a control socket of its own still does not get the others.
    auto table = folder.daemon_table();
    table.replace(table.find("run/control"), 11, "run/contrxl");
    folder.directory.write("third.toml", table + std::string(contoso));
    DaemonProcess third(folder, {"--config", folder.directory / "third.toml", "--log", "stderr"});
    CHECK(third.exit_status() == 1);
    CHECK(third.says("is served by another process"));
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("OK "));
    CHECK(MilterClient::ready(folder.milter()).mail("<alice@contoso.example>") == "continue");
}

TEST_CASE("connectors that are not applied get TEMP at the start, and a warning") {
    const DaemonFolder folder;
    folder.configure(contoso);
    const DaemonProcess daemon(folder);
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("TEMP "));
    CHECK(daemon.says("warning: "));
    CHECK(daemon.says("is not applied"));
    folder.apply();
    CHECK(daemon.reload()["ok"] == true);
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("OK "));
}

TEST_CASE("--check-config tells by its exit status and prints every finding") {
    const Ready folder;
    const auto check = [&] {
        DaemonProcess process(folder, {"--config", folder.config(), "--check-config"});
        const auto status = process.exit_status();
        return std::pair(status, process.output());
    };
    CHECK(check() == std::pair(std::optional(0), folder.config() + ": usable, 1 connectors\n"));
    folder.configure(std::string(contoso) + "prot = 25\nfqnd = \"x\"\n");
    const auto [status, text] = check();
    CHECK(status == 1);
    CHECK(text.find("prot") != std::string::npos);
    CHECK(text.find("fqnd") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.control()));
}

TEST_CASE("systemd is told when the daemon is ready, reloads and stops") {
    const Ready folder;
    const auto path = folder.directory / "notify";
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto next = [&] {
        std::string text(4096, '\0');
        const auto n = ::recv(fd, text.data(), text.size(), 0);
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    };
    DaemonProcess daemon(folder, {"--config", folder.config(), "--log", "stderr"}, path);
    CHECK(next() == "READY=1\nSTATUS=Serving 1 connectors");
    // Ready means that every socket answers.
    CHECK(look_up(folder, "transport alice@contoso.example").starts_with("OK "));
    CHECK(MilterClient::ready(folder.milter()).mail("<alice@contoso.example>") == "continue");
    daemon.signal(SIGHUP);
    CHECK(next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(next() == "READY=1\nSTATUS=Serving 1 connectors");
    folder.configure("x = 1\n");
    daemon.signal(SIGHUP);
    CHECK(next().starts_with("RELOADING=1\n"));
    CHECK(next().starts_with("READY=1\nSTATUS=Reload refused: "));
    daemon.signal(SIGTERM);
    CHECK(next().starts_with("STOPPING=1\n"));
    CHECK(daemon.exit_status() == 0);
    ::close(fd);
}
