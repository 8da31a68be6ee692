// SPDX-License-Identifier: Apache-2.0
// fault_host ADDRESS FOLDER [COUNT]: plays every scenario, each at a port of its own of the loopback address,
// until standard input ends. With COUNT: so many smart hosts that are alike, one in twenty dripping or dead.
//
// FOLDER gets the authorities that the connectors are to trust, and `journal`, what was seen, a line of JSON
// an event (journal.hpp). Standard output gets one line, a JSON list of scenarios:
//   {"name", "kind", "port", "ca_file", "tls_domain", "settings": {...},
//    "expected": {"opportunistic", "EncryptionOnly", "CertificateValidation", "DomainValidation"}}
#include "tests/fault_host/catalogue.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace sendconnector;
using namespace sendconnector::fault_host;

namespace {

constexpr std::chrono::seconds longest_session(120);

class FaultHost {
public:
    // `crowd` hosts that are alike; 0: every scenario.
    FaultHost(asio::io_context& context, const std::string& address, std::filesystem::path folder,
              std::size_t crowd)
        : m_context(context), m_address(asio::ip::make_address(address)), m_folder(std::move(folder)),
          m_journal(m_folder / "journal"), m_web(context, address), m_catalogue(m_web) {
        if (crowd > 0) {
            add_crowd(m_catalogue, crowd);
            return;
        }
        add_healthy_scenarios(m_catalogue);
        add_chain_scenarios(m_catalogue);
        add_content_scenarios(m_catalogue);
        add_crl_scenarios(m_catalogue);
        add_ocsp_scenarios(m_catalogue);
        add_tls_scenarios(m_catalogue);
        add_smtp_scenarios(m_catalogue);
    }

    nlohmann::ordered_json start() {
        auto list = nlohmann::ordered_json::array();
        for (const Scenario& scenario : m_catalogue.scenarios()) {
            nlohmann::ordered_json entry{{"name", scenario.name}, {"kind", scenario.kind}};
            entry["port"] = listen(scenario);
            entry["ca_file"] = authorities(scenario).string();
            entry["tls_domain"] = scenario.tls_domain;
            entry["settings"] = scenario.settings;
            entry["expected"] = {{"opportunistic", scenario.expected.opportunistic},
                                 {"EncryptionOnly", scenario.expected.encryption_only},
                                 {"CertificateValidation", scenario.expected.certificate_validation},
                                 {"DomainValidation", scenario.expected.domain_validation}};
            list.push_back(std::move(entry));
        }
        return list;
    }

private:
    unsigned short listen(const Scenario& scenario) {
        tcp::acceptor acceptor(m_context, tcp::v4());
        acceptor.bind({m_address, 0});
        const unsigned short port = acceptor.local_endpoint().port();
        if (scenario.play) {
            acceptor.listen();
            asio::co_spawn(m_context, accept(std::move(acceptor), scenario), asio::detached);
        } else {
            m_deaf.push_back(std::move(acceptor)); // kept, so that nobody else gets the port
        }
        return port;
    }

    Task<> accept(tcp::acceptor acceptor, const Scenario& scenario) {
        for (;;) {
            tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
            asio::co_spawn(m_context, play(std::move(socket), scenario), asio::detached);
        }
    }

    Task<> play(tcp::socket socket, const Scenario& scenario) {
        Session session(std::move(socket), scenario.name, m_journal, longest_session);
        try {
            co_await scenario.play(session);
        } catch (const boost::system::system_error&) {
            // The end of the connection, whoever ended it.
        }
    }

    std::filesystem::path authorities(const Scenario& scenario) {
        const std::string text = test::pem(scenario.anchors);
        const auto known = m_authorities.find(text);
        if (known != m_authorities.end()) {
            return known->second;
        }
        const auto file = m_folder / ("authorities" + std::to_string(m_authorities.size()) + ".pem");
        std::ofstream(file) << text;
        m_authorities.emplace(text, file);
        return file;
    }

    asio::io_context& m_context;
    asio::ip::address m_address;
    std::filesystem::path m_folder;
    Journal m_journal;
    Web m_web;
    Catalogue m_catalogue;
    std::vector<tcp::acceptor> m_deaf;
    std::map<std::string, std::filesystem::path> m_authorities;
};

Task<> until_input_ends(asio::io_context& context) {
    asio::posix::stream_descriptor input(context, ::dup(STDIN_FILENO));
    std::string block(512, '\0');
    try {
        for (;;) {
            co_await input.async_read_some(asio::buffer(block), asio::use_awaitable);
        }
    } catch (const boost::system::system_error&) {
        context.stop();
    }
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3 && count != 4) {
        std::cerr << "usage: fault_host ADDRESS FOLDER [COUNT]\n";
        return 2;
    }
    try {
        asio::io_context context;
        FaultHost host(context, arguments[1], arguments[2], count == 4 ? std::stoul(arguments[3]) : 0);
        std::cout << host.start().dump() << std::endl;
        asio::co_spawn(context, until_input_ends(context), asio::detached);
        context.run();
    } catch (const std::exception& error) {
        std::cerr << "fault_host: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
