/** The front-end process: config and identity in, a running engine and a local control socket out. */

