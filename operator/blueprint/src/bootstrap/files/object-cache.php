<?php
// WordPress's objects in Memcached, over TLS, which PHP's extension does not speak. What a request has seen it keeps by
// itself, as without a drop-in; a node that does not answer holds nothing.
require_once ABSPATH . WPINC . '/class-wp-object-cache.php';

class MemcachedObjectCache extends WP_Object_Cache
{
    // Who was not told that something is gone is wrong for so long at most.
    const MAX_AGE = 43200;
    private $local = ['counts' => 1, 'plugins' => 1, 'theme_json' => 1];
    private $nodes = [];
    private $links = [];

    public function add_local_groups($groups)
    {
        $this->local += array_fill_keys((array) $groups, 1);
    }

    public function get($key, $group = 'default', $force = false, &$found = null)
    {
        $all = $this->find([$key], $group, $force);
        $found = array_key_exists($key, $all);
        return $found ? $all[$key] : false;
    }

    public function get_multiple($keys, $group = 'default', $force = false)
    {
        return array_replace(array_fill_keys($keys, false), $this->find($keys, $group, $force));
    }

    public function add($key, $data, $group = 'default', $expire = 0)
    {
        return !wp_suspend_cache_addition() && $this->store('add', $key, $data, $group, $expire);
    }

    public function replace($key, $data, $group = 'default', $expire = 0)
    {
        return $this->store('replace', $key, $data, $group, $expire);
    }

    public function set($key, $data, $group = 'default', $expire = 0)
    {
        parent::set($key, $data, $group, $expire);
        return isset($this->local[$group]) || $this->store('set', $key, $data, $group, $expire);
    }

    public function delete($key, $group = 'default', $deprecated = false)
    {
        $had = parent::delete($key, $group);
        return isset($this->local[$group]) ? $had : $this->say($name = $this->name($key, $group), "delete $name") === 'DELETED';
    }

    public function incr($key, $offset = 1, $group = 'default')
    {
        return $this->count($offset < 0 ? 'decr' : 'incr', $key, $offset, $group);
    }

    public function decr($key, $offset = 1, $group = 'default')
    {
        return $this->count($offset < 0 ? 'incr' : 'decr', $key, $offset, $group);
    }

    public function flush()
    {
        foreach (array_keys($this->nodes()) as $node) {
            $this->ask($node, 'flush_all');
        }
        return parent::flush();
    }

    public function flush_runtime()
    {
        return parent::flush();
    }

    private function find($keys, $group, $force)
    {
        $found = $asked = [];
        foreach ($keys as $key) {
            $value = parent::get($key, $group, false, $known);
            if ($known && (!$force || isset($this->local[$group]))) {
                $found[$key] = $value;
            } elseif (!isset($this->local[$group])) {
                $name = $this->name($key, $group);
                $asked[$this->node($name)][$name] = $key;
            }
        }
        foreach ($asked as $node => $names) {
            $line = $this->ask($node, 'get ' . implode(' ', array_keys($names)));
            while (sscanf($line, 'VALUE %s %d %d', $name, $packed, $length) === 3) {
                $text = stream_get_contents($this->links[$node], $length + 2);
                if (strlen($text) !== $length + 2) {
                    $this->links[$node] = false;
                    break;
                }
                $found[$names[$name]] = $packed ? unserialize(substr($text, 0, -2)) : (int) $text;
                parent::set($names[$name], $found[$names[$name]], $group);
                $line = rtrim((string) fgets($this->links[$node]));
            }
        }
        return $found;
    }

    private function store($how, $key, $data, $group, $expire)
    {
        if (isset($this->local[$group])) {
            return parent::$how($key, $data, $group, $expire);
        }
        $text = is_int($data) && $data >= 0 ? (string) $data : serialize($data);
        $packed = (int) !(is_int($data) && $data >= 0);
        $seconds = $expire > 0 ? min($expire, self::MAX_AGE) : self::MAX_AGE;
        $name = $this->name($key, $group);
        $answer = $this->say($name, "$how $name $packed $seconds " . strlen($text) . "\r\n$text");
        if ($answer === '') {
            return parent::$how($key, $data, $group, $expire);
        }
        $answer === 'STORED' && parent::set($key, $data, $group, $expire);
        return $answer === 'STORED';
    }

    private function count($how, $key, $offset, $group)
    {
        if (isset($this->local[$group])) {
            return parent::$how($key, abs($offset), $group);
        }
        $name = $this->name($key, $group);
        $answer = $this->say($name, "$how $name " . abs($offset));
        if (!ctype_digit($answer)) {
            return false;
        }
        parent::set($key, (int) $answer, $group);
        return (int) $answer;
    }

    private function name($key, $group)
    {
        $blog = is_multisite() && !isset($this->global_groups[$group]) ? get_current_blog_id() : '';
        return md5(WP_CACHE_KEY_SALT . "|$blog|$group|$key");
    }

    private function node($name)
    {
        return crc32($name) % count($this->nodes());
    }

    private function say($name, $text)
    {
        return $this->ask($this->node($name), $text);
    }

    // The first line of the answer; nothing where there is none.
    private function ask($node, $text)
    {
        if (!isset($this->links[$node])) {
            $this->links[$node] = @stream_socket_client('tls://' . $this->nodes()[$node], $number, $said, 1);
            $this->links[$node] && stream_set_timeout($this->links[$node], 1);
        }
        $line = $this->links[$node] && @fwrite($this->links[$node], "$text\r\n") ? fgets($this->links[$node]) : false;
        if ($line === false) {
            $this->links[$node] = false;
        }
        return rtrim((string) $line);
    }

    // The nodes' addresses, the same on all instances: asked once a minute. See "Adding Auto Discovery to your client
    // library" in the Amazon ElastiCache User Guide; one that knows nothing of it is the only one.
    private function nodes()
    {
        if ($this->nodes) {
            return $this->nodes;
        }
        $file = '/var/lib/wordpress/nodes';
        if (@filemtime($file) > time() - 60) {
            return $this->nodes = explode(' ', file_get_contents($file));
        }
        $cache = json_decode(file_get_contents('/etc/wordpress/site.json'), true)['cache'];
        $this->nodes = ["{$cache['host']}:{$cache['port']}"];
        $line = $this->ask(0, 'config get cluster');
        if (str_starts_with($line, 'CONFIG')) {
            for ($all = ''; !in_array($line, ['', 'END'], true); $all .= " $line") {
                $line = rtrim((string) fgets($this->links[0]));
            }
            preg_match_all('/([a-z0-9.-]+)\|[^|]*\|([0-9]+)/', $all, $found, PREG_SET_ORDER);
            $this->nodes = array_map(fn($node) => "$node[1]:$node[2]", $found) ?: $this->nodes;
            sort($this->nodes);
            $this->links = [];
        }
        $line === '' || file_put_contents($file, implode(' ', $this->nodes), LOCK_EX);
        return $this->nodes;
    }
}

function wp_cache_init() { $GLOBALS['wp_object_cache'] = new MemcachedObjectCache(); }
function wp_cache_get($key, $group = '', $force = false, &$found = null) { return $GLOBALS['wp_object_cache']->get($key, $group ?: 'default', $force, $found); }
function wp_cache_get_multiple($keys, $group = '', $force = false) { return $GLOBALS['wp_object_cache']->get_multiple($keys, $group ?: 'default', $force); }
function wp_cache_add($key, $data, $group = '', $expire = 0) { return $GLOBALS['wp_object_cache']->add($key, $data, $group ?: 'default', (int) $expire); }
function wp_cache_replace($key, $data, $group = '', $expire = 0) { return $GLOBALS['wp_object_cache']->replace($key, $data, $group ?: 'default', (int) $expire); }
function wp_cache_set($key, $data, $group = '', $expire = 0) { return $GLOBALS['wp_object_cache']->set($key, $data, $group ?: 'default', (int) $expire); }
function wp_cache_delete($key, $group = '') { return $GLOBALS['wp_object_cache']->delete($key, $group ?: 'default'); }
function wp_cache_incr($key, $offset = 1, $group = '') { return $GLOBALS['wp_object_cache']->incr($key, $offset, $group ?: 'default'); }
function wp_cache_decr($key, $offset = 1, $group = '') { return $GLOBALS['wp_object_cache']->decr($key, $offset, $group ?: 'default'); }
function wp_cache_flush() { return $GLOBALS['wp_object_cache']->flush(); }
function wp_cache_flush_runtime() { return $GLOBALS['wp_object_cache']->flush_runtime(); }
function wp_cache_supports($feature) { return in_array($feature, ['get_multiple', 'flush_runtime'], true); }
function wp_cache_close() { return true; }
function wp_cache_add_global_groups($groups) { $GLOBALS['wp_object_cache']->add_global_groups($groups); }
function wp_cache_add_non_persistent_groups($groups) { $GLOBALS['wp_object_cache']->add_local_groups($groups); }
function wp_cache_switch_to_blog($blog) { $GLOBALS['wp_object_cache']->switch_to_blog($blog); }
