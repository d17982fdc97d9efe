(** * Lower bounds along a curve, modulo m

    The words are computed along theta(t) as power series modulo (m, t^K); elimination with pivots of least valuation finds pivots
    t^v1, ..., t^vr times units modulo m.
    [selim_lindep], and [transport_rank_sound] in Curve.v: if the curve satisfies its differential equation modulo (m, t^(K−1)) and every integer from 2 to
    N = max(K − 1, v1 + ... + vr) is a unit modulo m, then Lie(V) at theta(0) has at least r independent values.
    The proof reads the minor of the pivots in degree v1 + ... + vr, where it is determined modulo m only if the coefficients of theta up to that
    degree are fractions with denominators coprime to m; those from t^K on are not computed, and are such fractions when N! is a unit. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension ModP Series Transport.
Import ListNotations.
Local Open Scope R_scope.

Section Trunc.
Variable m : Z.
Hypothesis Hm : (1 < m)%Z.
Variable RS : residues m.
Local Notation srep := (rep m RS).
Local Notation r_int := (rep_int m RS).
Local Notation r_plus := (rep_plus m RS).
Local Notation r_times := (rep_times m RS).
Local Notation r_opp := (rep_opp m RS).
Local Notation r_cong := (rep_cong m RS).
Local Notation r_nonzero := (rep_nonzero m RS).
Local Notation r_inverse := (rep_inverse m RS).
Local Notation r_mod := (rep_mod m RS).
Definition integral_upto (n : nat) (a : series) : Prop := forall k, (k <= n)%nat -> exists y, srep (a k) y.
Definition null_upto (n : nat) (a : series) : Prop := forall k, (k <= n)%nat -> srep (a k) 0.
Lemma rel_null r z : srep r 0 -> forall r', srep r' z -> srep (r * r') 0.
Proof. intros H r' K. assert (X := r_times _ _ _ _ H K). exact X. Qed.


Lemma smul_integral n a b : integral_upto n a -> integral_upto n b -> integral_upto n (smul a b).
Proof.
  intros Ha Hb k. unfold smul. revert n a Ha Hb; induction k as [|k IH]; intros n a Ha Hb Hk; cbn.
  - destruct (Ha 0%nat) as (y & Hy); [lia|]. destruct (Hb 0%nat) as (z & Hz); [lia|]. exists (y * z)%Z. now apply r_times.
  - destruct (Ha 0%nat) as (y & Hy); [lia|]. destruct (Hb (S k)) as (z & Hz); [lia|].
    destruct (IH (pred n) (stail a)) as (x & Hx); [intros j Hj; apply Ha; lia|intros j Hj; apply Hb; lia|lia|].
    exists (y * z + x)%Z. apply r_plus; [now apply r_times|exact Hx].
Qed.
Lemma add_integral n a b : integral_upto n a -> integral_upto n b -> integral_upto n (sadd a b).
Proof. intros Ha Hb k Hk. destruct (Ha k Hk) as (y & Hy). destruct (Hb k Hk) as (z & Hz). exists (y + z)%Z. now apply r_plus. Qed.
Lemma neg_integral n a : integral_upto n a -> integral_upto n (sneg a).
Proof. intros Ha k Hk. destruct (Ha k Hk) as (y & Hy). exists (- y)%Z. now apply r_opp. Qed.
Lemma cst_integral n c z : srep c z -> integral_upto n (scst c).
Proof. intros H [|k] Hk; [exists z; exact H|exists 0%Z; apply (r_int 0)]. Qed.
(** orders add up *)
Lemma smul_null k : forall a b i j, integral_upto k a -> integral_upto k b -> (forall l, (l < i)%nat -> srep (a l) 0) ->
  (forall l, (l < j)%nat -> srep (b l) 0) -> (k < i + j)%nat -> srep (smul a b k) 0.
Proof.
  unfold smul. induction k as [|k IH]; intros a b i j Ha Hb Hi Hj L; cbn.
  - destruct (Ha 0%nat) as (y & Hy); [lia|]. destruct (Hb 0%nat) as (z & Hz); [lia|]. destruct i as [|i].
    + rewrite Rmult_comm. apply (rel_null _ y); [apply Hj; lia|exact Hy].
    + apply (rel_null _ z); [apply Hi; lia|exact Hz].
  - assert (X : srep (smulr (stail a) b k) 0).
    { apply (IH (stail a) b (pred i) j); [intros l Hl; apply Ha; lia|intros l Hl; apply Hb; lia|intros l Hl; apply Hi; lia|exact Hj|].
      destruct i; [lia|simpl; lia]. }
    assert (Y : srep (a 0%nat * b (S k)) 0).
    { destruct (Ha 0%nat) as (y & Hy); [lia|]. destruct (Hb (S k)) as (z & Hz); [lia|]. destruct i as [|i].
      - rewrite Rmult_comm. apply (rel_null _ y); [apply Hj; lia|exact Hy].
      - apply (rel_null _ z); [apply Hi; lia|exact Hz]. }
    assert (Z := r_plus _ _ _ _ Y X). exact Z.
Qed.

(** ** Truncated series of residues, by coefficient lists *)
Definition addz (a b : Z) : Z := let c := (a + b)%Z in if (c <? m)%Z then c else (c - m)%Z.
Definition negz (a : Z) : Z := if (a =? 0)%Z then 0%Z else (m - a)%Z.
Fixpoint addT (x y : list Z) : list Z :=
  match x, y with a :: x', b :: y' => addz a b :: addT x' y' | [], _ => y | _, [] => x end.
Fixpoint mulT (n : nat) (x y : list Z) : list Z :=
  match n, x with
  | S n', a :: x' =>
    let rest := 0%Z :: mulT n' x' y in
    if (a =? 0)%Z then rest else addT (map (fun b => Z.modulo (a * b) m) (firstn n y)) rest
  | _, _ => []
  end.
(** a function by Taylor's formula; [fs]: residues of 1/k! *)
Fixpoint hornerT (K n : nat) (c : nat -> Z) (w : list Z) : list Z :=
  match n with O => [c O] | S n' => addT [c O] (mulT K w (hornerT K n' (fun k => c (S k)) w)) end.
Definition funT (K : nat) (fs : list Z) (js : nat -> Z) (n : nat) (b : list Z) : list Z :=
  match b with
  | [] | [_] => [js n]
  | _ :: t => hornerT K (pred K) (fun k => Z.modulo (js (n + k)%nat * nth k fs 0%Z) m) (0%Z :: t)
  end.
Definition opsT (K : nat) (fs : list Z) : ops Z (list Z) :=
  {| oz := []; oadd := addT; omul := mulT K; oneg := map negz; ocst := fun c => [c]; ofun := fun _ js n b => funT K fs js n b |}.

Lemma addz_ok r r' a b : srep r a -> srep r' b -> srep (r + r') (addz a b).
Proof. apply (rel_add (opsZ_rel m RS)). Qed.
Lemma negz_ok r a : srep r a -> srep (- r) (negz a).
Proof. apply (rel_neg (opsZ_rel m RS)). Qed.
Lemma addT_ok k : forall x y r r', srep r (nth k x 0%Z) -> srep r' (nth k y 0%Z) -> srep (r + r') (nth k (addT x y) 0%Z).
Proof.
  induction k as [|k IH]; intros [|a x] [|b y] r r' H H'; cbn [addT nth] in *.
  - exact (r_plus _ _ _ _ H H').
  - exact (r_plus _ _ _ _ H H').
  - assert (X := r_plus _ _ _ _ H H'). now rewrite Z.add_0_r in X.
  - now apply addz_ok.
  - exact (r_plus _ _ _ _ H H').
  - exact (r_plus _ _ _ _ H H').
  - assert (X := r_plus _ _ _ _ H H'). now rewrite Z.add_0_r in X.
  - now apply IH.
Qed.
Lemma nth_firstn k n (l : list Z) : (k < n)%nat -> nth k (firstn n l) 0%Z = nth k l 0%Z.
Proof. revert k l; induction n as [|n IH]; intros [|k] [|a l] H; try lia; cbn; auto. apply IH. lia. Qed.
Lemma mulT_ok k : forall n x y a b, (k < n)%nat -> (forall j, (j <= k)%nat -> srep (a j) (nth j x 0%Z)) ->
  (forall j, (j <= k)%nat -> srep (b j) (nth j y 0%Z)) -> srep (smul a b k) (nth k (mulT n x y) 0%Z).
Proof.
  induction k as [|k IH]; intros [|n] x y a b L Ha Hb; try lia.
  - destruct x as [|c x].
    + assert (H0 := Ha 0%nat ltac:(lia)). assert (H1 := Hb 0%nat ltac:(lia)). exact (rel_null _ _ H0 _ H1).
    + assert (H0 := Ha 0%nat ltac:(lia)). assert (H1 := Hb 0%nat ltac:(lia)). cbn [nth] in H0.
      change (smul a b 0%nat) with (a 0%nat * b 0%nat). cbn [mulT]. cbv zeta. destruct (Z.eqb_spec c 0) as [->|_].
      * exact (rel_null _ _ H0 _ H1).
      * destruct y as [|d y]; cbn [firstn map addT nth] in *.
        -- rewrite Rmult_comm. exact (rel_null _ _ H1 _ H0).
        -- replace (a 0%nat * b 0%nat) with (a 0%nat * b 0%nat + 0) by ring. apply addz_ok; [now apply r_mod, r_times|apply (r_int 0)].
  - destruct x as [|c x].
    + apply (smul_null (S k) a b (S (S k)) 0); try lia.
      * intros j Hj. exists (nth j [] 0%Z). now apply Ha.
      * intros j Hj. exists (nth j y 0%Z). now apply Hb.
      * intros l Hl. assert (X := Ha l ltac:(lia)). now destruct l.
    + assert (H0 := Ha 0%nat ltac:(lia)). assert (H1 := Hb (S k) ltac:(lia)). cbn [nth] in H0.
      assert (X : srep (smul (stail a) b k) (nth k (mulT n x y) 0%Z)).
      { apply IH; [lia|intros j Hj; apply (Ha (S j)); lia|intros j Hj; apply Hb; lia]. }
      change (smul a b (S k)) with (a 0%nat * b (S k) + smul (stail a) b k). cbn [mulT]. cbv zeta. destruct (Z.eqb_spec c 0) as [->|_].
      * change (nth (S k) (0%Z :: mulT n x y) 0%Z) with (nth k (mulT n x y) 0%Z).
        assert (Y := r_plus _ _ _ _ (rel_null _ _ H0 _ H1) X). exact Y.
      * apply addT_ok; [|exact X]. replace 0%Z with ((c * 0) mod m)%Z by (rewrite Z.mul_0_r; now apply Z.mod_0_l; lia).
        rewrite (map_nth (fun b0 => Z.modulo (c * b0) m)). rewrite nth_firstn by lia. now apply r_mod, r_times.
Qed.

Variable K : nat.
(** coefficients up to t^n are fractions with denominators coprime to m, and the first K of them have the residues listed *)
Definition srel (n : nat) (a : series) (z : list Z) : Prop :=
  integral_upto n a /\ forall k, (k <= n)%nat -> (k < K)%nat -> srep (a k) (nth k z 0%Z).
Variable fs : list Z.
Definition factorials (n : nat) : Prop := (forall k, (k < K)%nat -> srep (/ INR (fact k)) (nth k fs 0%Z)) /\ forall k, (k <= n)%nat -> exists z, srep (/ INR (fact k)) z.
Lemma srel_const n c z : srep c z -> srel n (scst c) [z].
Proof. intros H. split; [now apply (cst_integral n c z)|]. intros [|k] _ _; cbn; [exact H|]. destruct k; apply (r_int 0). Qed.
Lemma srel_add n a a' b b' : srel n a b -> srel n a' b' -> srel n (sadd a a') (addT b b').
Proof. intros [I H] [I' H']. split; [now apply add_integral|]. intros k Hk Hl. apply addT_ok; auto. Qed.
Lemma srel_mul n a a' b b' : srel n a b -> srel n a' b' -> srel n (smul a a') (mulT K b b').
Proof.
  intros [I H] [I' H']. split; [now apply smul_integral|]. intros k Hk Hl. apply mulT_ok; auto; intros j Hj; [apply H|apply H']; lia.
Qed.
Lemma hornerT_rel n w w' : srel n w w' -> forall d c c', (forall k, (k <= d)%nat -> srep (c k) (c' k)) -> srel n (thorner d c w) (hornerT K d c' w').
Proof.
  intros Hw. induction d as [|d IH]; intros c c' H; cbn [thorner hornerT]; [apply srel_const, H; lia|].
  apply srel_add; [apply srel_const, H; lia|]. apply srel_mul; [exact Hw|]. apply IH. intros k Hk; apply H. lia.
Qed.
Lemma thorner_integral n w : integral_upto n w -> forall d c, (forall k, (k <= d)%nat -> exists z, srep (c k) z) -> integral_upto n (thorner d c w).
Proof.
  intros Hw. induction d as [|d IH]; intros c H; cbn [thorner]; destruct (H O ltac:(lia)) as (z & Hz); [now apply (cst_integral n _ z)|].
  apply add_integral; [now apply (cst_integral n _ z)|]. apply smul_integral; [exact Hw|]. apply IH. intros k Hk; apply H. lia.
Qed.
Lemma funT_rel n f js i a b : (0 < K)%nat -> factorials n -> jets_at srep f (a O) js -> srel n a b -> srel n (sfun f i a) (funT K fs js i b).
Proof.
  intros HK [F1 F2] HJ [Ia Ha]. set (w := ssub a (scst (a O))). assert (Hw : w O = 0) by (unfold w, ssub, scst; ring).
  assert (Ew : forall k, w (S k) = a (S k)) by (intros k; unfold w, ssub, scst; ring).
  assert (Iw : integral_upto n w). { intros [|k] Hk; [exists 0%Z; rewrite Hw; apply (r_int 0)|rewrite Ew; now apply Ia]. }
  assert (C : forall k z, srep (/ INR (fact k)) z -> srep (taylor f i (a O) k) (js (i + k)%nat * z)%Z) by (intros; apply r_times; [apply HJ|assumption]).
  split.
  - intros k Hk. unfold sfun. fold w. rewrite <- (thorner_stable w Hw n k _ Hk). apply (thorner_integral n w Iw n); [|exact Hk].
    intros j Hj. destruct (F2 j Hj) as (z & Hz). eexists. apply (C j z Hz).
  - intros k Hk Hl. unfold sfun. fold w.
    assert (G : forall t, (forall j, (j <= n)%nat -> (j < K)%nat -> srep (w j) (nth j (0%Z :: t) 0%Z)) ->
       srep (thorner k (taylor f i (a O)) w k) (nth k (hornerT K (pred K) (fun k => Z.modulo (js (i + k)%nat * nth k fs 0%Z) m) (0%Z :: t)) 0%Z)).
    { intros t Ht. rewrite <- (thorner_stable w Hw (pred K) k) by lia. apply (hornerT_rel n w (0%Z :: t)); [now split| |exact Hk|exact Hl].
      intros j Hj. apply r_mod, C, F1. lia. }
    assert (N : (forall j, (S j <= n)%nat -> (S j < K)%nat -> srep (w (S j)) 0) -> srep (thorner k (taylor f i (a O)) w k) (nth k [js i] 0%Z)).
    { intros Z. assert (Z' : forall j, (j <= n)%nat -> (j < K)%nat -> srep (w j) 0) by (intros [|j] Hj Hj'; [rewrite Hw; apply (r_int 0)|now apply Z]).
      assert (T0 : srep (taylor f i (a O) O) (js i)) by (unfold taylor; cbn; rewrite Rinv_1, Rmult_1_r, Nat.add_0_r; apply HJ).
      destruct k as [|k]; [exact T0|].
      change (srep (scst (taylor f i (a O) O) (S k) + smul w (thorner k (fun j => taylor f i (a O) (S j)) w) (S k)) (nth (S k) [js i] 0%Z)).
      assert (T1 : srep (smul w (thorner k (fun j => taylor f i (a O) (S j)) w) (S k)) 0).
      { apply (smul_null (S k) w _ (S (S k)) 0); [intros j Hj; apply Iw; lia| |intros j Hj; apply Z'; lia|intros; lia|lia].
        intros j Hj. apply (thorner_integral (S k) w (fun l Hl0 => Iw l (Nat.le_trans _ _ _ Hl0 Hk)) k); [|exact Hj].
        intros l Hl0. destruct (F2 (S l) ltac:(lia)) as (z & Hz). eexists. apply (C (S l) z Hz). }
      assert (S := r_plus _ _ _ _ (r_int 0) T1). cbn [scst nth]. destruct k; exact S. }
    unfold funT. destruct b as [|b0 [|b1 t]].
    + apply N. intros j H1 H2. rewrite Ew. assert (Y := Ha (S j) H1 H2). exact Y.
    + apply N. intros j H1 H2. rewrite Ew. assert (Y := Ha (S j) H1 H2). now destruct j.
    + apply G. intros [|j] H1 H2; [rewrite Hw; apply (r_int 0)|rewrite Ew; exact (Ha (S j) H1 H2)].
Qed.
Lemma opsT_rel n : (0 < K)%nat -> factorials n -> orel srep (jets_of srep (fun a : series => a O)) (srel n) opsS (opsT K fs).
Proof.
  intros HK HF. split; cbn [opsS opsT oz oadd omul oneg ocst ofun].
  - split; [apply (cst_integral n 0 0), (r_int 0)|]. intros k _ _. destruct k; cbn; apply (r_int 0).
  - intros; now apply srel_add.
  - intros; now apply srel_mul.
  - intros a b [I H]. split; [now apply neg_integral|]. intros k Hk Hl. unfold sneg. change 0%Z with (negz 0). rewrite map_nth. now apply negz_ok, H.
  - intros c z H. now apply srel_const.
  - intros f js0 js i a b HJ H. now apply funT_rel.
Qed.

(** ** Elimination with pivots of least valuation *)
Definition subT (x y : list Z) : list Z := addT x (map negz y).
(** a quotient of series by coefficients (its use is checked) *)
Fixpoint divT (n : nat) (a p : list Z) (u : Z) : list Z :=
  match n with
  | O => []
  | S n' => let q := Z.modulo (hd 0%Z a * u) m in q :: divT n' (tl (subT a (map (fun b => Z.modulo (q * b) m) p))) p u
  end.
Fixpoint unit_at (fuel v k : nat) (row : list (list Z)) : option (nat * Z) :=
  match row with
  | [] => None
  | z :: row' =>
    let a := nth v z 0%Z in
    if (a =? 0)%Z then unit_at fuel v (S k) row'
    else let u := inverse m fuel a in if is_inverse m a u then Some (k, u) else unit_at fuel v (S k) row'
  end.
Fixpoint find_pivot (fuel v : nat) (rows before : list (list (list Z))) : option (list (list (list Z)) * list (list Z) * nat * Z) :=
  match rows with
  | [] => None
  | r :: rows' =>
    match unit_at fuel v 0 r with
    | Some (c, u) => Some (rev_append before rows', r, c, u)
    | None => find_pivot fuel v rows' (r :: before)
    end
  end.
Fixpoint map2 (f : list Z -> list Z -> list Z) (x y : list (list Z)) : list (list Z) :=
  match x, y with a :: x', b :: y' => f a b :: map2 f x' y' | _, _ => [] end.
Definition reduce_row (v c : nat) (u : Z) (r w : list (list Z)) : list (list Z) :=
  let q := divT (K - v) (skipn v (nth c w [])) (skipn v (nth c r [])) u in
  map2 (fun a b => subT a (mulT K q b)) w r.
(** the valuations of the pivots found *)
Fixpoint selim (inv fuel v : nat) (rows : list (list (list Z))) : list nat :=
  match fuel with
  | O => []
  | S fuel' =>
    if Nat.leb K v then [] else
    match find_pivot inv v rows [] with
    | Some (others, r, c, u) =>
      let reduced := map (reduce_row v c u r) others in
      if forallb (fun w => forallb (fun z => Z.eqb z 0) (nth c w [1%Z])) reduced then v :: selim inv fuel' v reduced else []
    | None => if forallb (forallb (fun z => Z.eqb (nth v z 0%Z) 0)) rows then selim inv fuel' (S v) rows else []
    end
  end.
Definition total (vs : list nat) : nat := fold_right Nat.add 0%nat vs.

Variable cs : list positive.
Variable N : nat.
Hypothesis KN : (pred K <= N)%nat.
Definition srow (w : Sdvec) (zs : list (list Z)) : Prop := Forall2 (fun c z => srel N (w c) z) cs zs.
Definition in_ring : series -> Prop := integral_upto N.
Definition in_ideal : series -> Prop := null_upto N.

Lemma smono c j (p : series) k : smul (fun n => if Nat.eqb n j then c else 0) p k = if Nat.ltb k j then 0 else c * p (k - j)%nat.
Proof.
  destruct (Nat.ltb_spec k j) as [L|L].
  - replace k with (k + 0)%nat by lia. rewrite smul_shift; [|intros i Hi; destruct (Nat.eqb_spec i j); [lia|easy]].
    unfold smul; cbn. rewrite Nat.add_0_r. destruct (Nat.eqb_spec k j); [lia|ring].
  - replace k with (j + (k - j))%nat at 1 by lia. rewrite smul_shift by (intros i Hi; destruct (Nat.eqb_spec i j); [lia|easy]).
    replace (fun i => if Nat.eqb (j + i) j then c else 0) with (fun n : nat => c * scst 1 n).
    + rewrite smul_scal, smul_1. reflexivity.
    + apply seq_ext. intros [|i]; cbn; [rewrite Nat.add_0_r, Nat.eqb_refl; ring|]. destruct (Nat.eqb_spec (j + S i) j); [lia|ring].
Qed.
(** the multiplier can be completed beyond what is computed, so that the pivot's column becomes null modulo m in all orders up to N *)
Lemma complete v (p a q0 : series) : (v < K)%nat -> in_ring p -> in_ring a -> in_ring q0 ->
  (forall k, (k < v)%nat -> srep (p k) 0) -> (exists z, unit_mod m z /\ srep (p v) z) ->
  (forall k, (k < K)%nat -> (k <= N)%nat -> srep (ssub a (smul q0 p) k) 0) ->
  exists q, in_ring q /\ (forall k, (k < K - v)%nat -> q k = q0 k) /\ in_ideal (ssub a (smul q p)).
Proof.
  intros Hv Ip Ia I0 Lp (z & (uz & ez & Uz) & Hz) H0.
  assert (G : forall d, exists q, in_ring q /\ (forall k, (k < K - v)%nat -> q k = q0 k) /\ forall k, (k < K + d)%nat -> (k <= N)%nat ->
    srep (ssub a (smul q p) k) 0).
  { induction d as [|d (q & Iq & Eq & Hq)]; [exists q0; split; [easy|]; split; [easy|]; intros; apply H0; lia|].
    set (n := (K + d)%nat). destruct (Compare_dec.le_lt_dec n N) as [L|L].
    2:{ exists q. split; [easy|]. split; [easy|]. intros k Hk Hl. apply Hq; lia. }
    set (e := ssub a (smul q p) n). set (c := e * / p v). set (mono := fun i => if Nat.eqb i (n - v) then c else 0).
    assert (Ie : exists y, srep e y).
    { destruct (add_integral N a (sneg (smul q p)) Ia (neg_integral _ _ (smul_integral _ _ _ Iq Ip)) n L) as (y & Hy). exists y.
      unfold e. replace (ssub a (smul q p) n) with (sadd a (sneg (smul q p)) n) by (unfold ssub, sadd, sneg; ring). exact Hy. }
    assert (Nz : p v <> 0) by (apply (r_nonzero _ z Hz); exists uz, ez; exact Uz).
    assert (Ic : exists y, srep c y).
    { destruct Ie as (y & Hy). exists (y * uz)%Z. apply r_times; [exact Hy|]. apply (r_inverse _ z); [exact Hz|].
      rewrite Uz. rewrite Z.mod_add by lia. apply Z.mod_small. lia. }
    exists (sadd q mono). split; [|split].
    - apply add_integral; [exact Iq|]. intros k Hk. unfold mono. destruct (Nat.eqb k (n - v)); [exact Ic|exists 0%Z; apply (r_int 0)].
    - intros k Hk. unfold sadd, mono. rewrite (Eq k Hk). destruct (Nat.eqb_spec k (n - v)); [lia|ring].
    - intros k Hk Hl. rewrite smul_add_l. unfold ssub, sadd. unfold mono at 1. rewrite smono.
      destruct (Nat.ltb_spec k (n - v)) as [Lk|Lk].
      + rewrite Rplus_0_r. apply Hq; lia.
      + destruct (Nat.eq_dec k n) as [->|D].
        * replace (a n - (smul q p n + c * p (n - (n - v))%nat)) with 0; [apply (r_int 0)|].
          replace (n - (n - v))%nat with v by lia. unfold c, e, ssub. field. exact Nz.
        * assert (X := Hq k ltac:(lia) Hl). assert (Y : srep (- (c * p (k - (n - v))%nat)) 0).
          { destruct Ic as (y & Hy). rewrite Rmult_comm. apply (r_opp _ 0). apply (rel_null _ y); [apply Lp; lia|exact Hy]. }
          assert (S := r_plus _ _ _ _ X Y). unfold ssub in S.
          replace (a k - (smul q p k + c * p (k - (n - v))%nat)) with (a k - smul q p k + - (c * p (k - (n - v))%nat)) by ring. exact S. }
  destruct (G (S N - K)%nat) as (q & Iq & Eq & Hq). exists q. split; [easy|]. split; [easy|]. intros k Hk. apply Hq; lia.
Qed.

Definition closed (Good : Sdvec -> Prop) : Prop := forall p q w, in_ring q -> Good p -> Good w -> Good (fun i => ssub (w i) (smul q (p i))).
Definition low (v : nat) (w : Sdvec) : Prop := forall c, In c cs -> forall k, (k < v)%nat -> srep (w c k) 0.

Lemma unit_at_ok inv v row : forall k c u, unit_at inv v k row = Some (c, u) ->
  (k <= c)%nat /\ exists z, nth_error row (c - k) = Some z /\ ((nth v z 0%Z * u) mod m = 1)%Z.
Proof.
  induction row as [|a row IH]; cbn [unit_at]; intros k c u H; [easy|].
  assert (X : unit_at inv v (S k) row = Some (c, u) -> (k <= c)%nat /\ exists z, nth_error (a :: row) (c - k) = Some z /\ ((nth v z 0%Z * u) mod m = 1)%Z).
  { intros E. destruct (IH _ _ _ E) as (L & z & En & U). split; [lia|]. exists z. split; [|exact U]. replace (c - k)%nat with (S (c - S k)) by lia.
    exact En. }
  cbv zeta in H. destruct (nth v a 0 =? 0)%Z; [now apply X|]. destruct (is_inverse m (nth v a 0%Z) (inverse m inv (nth v a 0%Z))) eqn:E; [|now apply X].
  injection H as <- <-. split; [lia|]. exists a. rewrite Nat.sub_diag. split; [easy|]. now apply Z.eqb_eq.
Qed.
Lemma find_pivot_ok inv v rows : forall before others r c u, find_pivot inv v rows before = Some (others, r, c, u) ->
  In r rows /\ (forall x, In x others -> In x rows \/ In x before) /\ unit_at inv v 0 r = Some (c, u).
Proof.
  induction rows as [|a rows IH]; cbn [find_pivot]; intros before others r c u H; [easy|].
  destruct (unit_at inv v 0 a) as [[c' u']|] eqn:E.
  - injection H as <- <- <- <-. split; [simpl; auto|]. split; [|exact E]. intros x Hx. rewrite rev_append_rev in Hx.
    apply in_app_or in Hx as [Hx|Hx]; [right; now apply in_rev|left; simpl; auto].
  - destruct (IH _ _ _ _ _ H) as (A & B & C). split; [simpl; auto|]. split; [|exact C]. intros x Hx. destruct (B x Hx) as [?|[->|?]]; simpl; auto.
Qed.
Lemma srow_nth w zs k z : srow w zs -> nth_error zs k = Some z -> exists c, nth_error cs k = Some c /\ In c cs /\ srel N (w c) z.
Proof.
  unfold srow. intros H. revert k; induction H as [|c y l zs Hc _ IH]; intros [|k] E; try easy.
  - injection E as ->. exists c. simpl; auto.
  - destruct (IH k E) as (c' & A & B & C). exists c'. simpl; auto.
Qed.
Lemma srow_nth' w zs k c : srow w zs -> nth_error cs k = Some c -> exists z, nth_error zs k = Some z /\ srel N (w c) z.
Proof.
  unfold srow. intros H. revert k; induction H as [|c' y l zs Hc _ IH]; intros [|k] E; try easy.
  - injection E as ->. now exists y.
  - now apply IH.
Qed.

Lemma srow_mem w zs i : srow w zs -> In i cs -> exists z, In z zs /\ srel N (w i) z.
Proof.
  unfold srow. intros H. induction H as [|c y l zs Hc _ IH]; intros Hi; [easy|]. destruct Hi as [<-|Hi]; [exists y; simpl; auto|].
  destruct (IH Hi) as (z & A & B). exists z. simpl; auto.
Qed.
Lemma srow_ring w zs i : srow w zs -> In i cs -> in_ring (w i).
Proof. intros H Hi. destruct (srow_mem w zs i H Hi) as (z & _ & [I _]). exact I. Qed.

(** reducing a row by a pivot's row *)
Lemma reduce_ok v c u r w rr ww kc : (v < K)%nat -> srow rr r -> srow ww w -> low v rr -> low v ww ->
  nth_error cs c = Some kc -> (exists z, unit_mod m z /\ srep (rr kc v) z) ->
  forallb (fun z => Z.eqb z 0) (nth c (reduce_row v c u r w) [1%Z]) = true ->
  exists q, in_ring q /\ let w' := fun i => ssub (ww i) (smul q (rr i)) in srow w' (reduce_row v c u r w) /\ low v w' /\ in_ideal (w' kc).
Proof.
  intros Hv Hr Hw Lr Lw Ec Hu Hz.
  assert (Ic : In kc cs) by (now apply nth_error_In in Ec).
  assert (IR := srow_ring).
  unfold reduce_row in *. set (zq := divT (K - v) (skipn v (nth c w [])) (skipn v (nth c r [])) u) in *. cbv zeta in Hz |- *. clearbody zq. clear u.
  set (q0 := fun k => if Nat.ltb k (K - v) then IZR (nth k zq 0%Z) else 0).
  assert (I0 : in_ring q0). { intros k _. unfold q0. destruct (Nat.ltb k (K - v)); [eexists; apply r_int|exists 0%Z; apply (r_int 0)]. }
  (* the computed row belongs to the multiplier q0, and to every q that agrees with it below K − v *)
  assert (R0 : forall q, in_ring q -> (forall k, (k < K - v)%nat -> q k = q0 k) -> forall i a b, In i cs -> srel N (ww i) a -> srel N (rr i) b ->
     forall k, (k <= N)%nat -> (k < K)%nat -> srep (ssub (ww i) (smul q (rr i)) k) (nth k (subT a (mulT K zq b)) 0%Z)).
  { intros q Iq Eq i a b Hi [Ia Ha] [Ib Hb] k Hk Hl. unfold ssub, Rminus, subT. apply addT_ok; [now apply Ha|].
    change 0%Z with (negz 0) at 1. rewrite map_nth. apply negz_ok.
    set (q1 := fun k => IZR (nth k zq 0%Z)).
    replace (smul q (rr i) k) with (smul q1 (rr i) k + smul (ssub q q1) (rr i) k).
    - assert (X : srep (smul q1 (rr i) k) (nth k (mulT K zq b) 0%Z)).
      { apply mulT_ok; [exact Hl|intros j _; apply r_int|intros j Hj; apply Hb; lia]. }
      assert (Y : srep (smul (ssub q q1) (rr i) k) 0).
      { apply (smul_null k _ _ (K - v) v); [|intros l Hll; apply Ib; lia| |intros l Hll; now apply Lr|lia].
        - intros l Hll. destruct (Iq l) as (y & Hy); [lia|]. exists (y + - nth l zq 0)%Z. apply (r_plus _ _ _ _ Hy). apply r_opp, r_int.
        - intros l Hll. unfold ssub. rewrite (Eq l Hll). unfold q0, q1. rewrite (proj2 (Nat.ltb_lt l (K - v)) Hll).
          replace (IZR (nth l zq 0%Z) - IZR (nth l zq 0%Z)) with 0 by ring. apply (r_int 0). }
      assert (S := r_plus _ _ _ _ X Y). now rewrite Z.add_0_r in S.
    - replace (smul q1 (rr i) k + smul (ssub q q1) (rr i) k) with (sadd (smul q1 (rr i)) (smul (ssub q q1) (rr i)) k) by reflexivity.
      rewrite <- smul_add_l. replace (sadd q1 (ssub q q1)) with q by (apply seq_ext; intros n; unfold sadd, ssub; ring). reflexivity. }
  destruct (srow_nth' _ _ _ _ Hw Ec) as (za & Eza & Hza). destruct (srow_nth' _ _ _ _ Hr Ec) as (zb & Ezb & Hzb).
  assert (Nc : nth c (map2 (fun a b => subT a (mulT K zq b)) w r) [1%Z] = subT za (mulT K zq zb)).
  { clear -Eza Ezb. revert w r Eza Ezb. induction c as [|c IH]; intros [|a w] [|b r] Ea Eb; try easy; cbn in *.
    - now injection Ea as ->; injection Eb as ->.
    - now apply IH. }
  rewrite Nc in Hz. rewrite forallb_forall in Hz.
  assert (Z0 : forall k, nth k (subT za (mulT K zq zb)) 0%Z = 0%Z).
  { intros k. destruct (nth_in_or_default k (subT za (mulT K zq zb)) 0%Z) as [I|E]; [now apply Z.eqb_eq, Hz|exact E]. }
  destruct (complete v (rr kc) (ww kc) q0 Hv (proj1 Hzb) (proj1 Hza) I0 (Lr kc Ic) Hu) as (q & Iq & Eq & Hq).
  { intros k Hk Hl. assert (X := R0 q0 I0 (fun _ _ => eq_refl) kc za zb Ic Hza Hzb k Hl Hk). now rewrite Z0 in X. }
  exists q. split; [exact Iq|]. split; [|split; [|exact Hq]].
  - specialize (R0 q Iq Eq). clear - Hr Hw R0 Iq Hm. unfold srow in *.
    assert (G : forall l, incl l cs -> forall r w, Forall2 (fun c z => srel N (rr c) z) l r -> Forall2 (fun c z => srel N (ww c) z) l w ->
      Forall2 (fun c z => srel N (ssub (ww c) (smul q (rr c))) z) l (map2 (fun a b => subT a (mulT K zq b)) w r)).
    { induction l as [|i l IH]; intros In1 r0 w0 H1 H2; inversion H1; inversion H2; subst; cbn [map2]; constructor.
      - split; [|intros k Hk Hl; apply (R0 i); auto; apply In1; simpl; auto].
        rewrite ssub_def. apply add_integral; [now apply H8|]. apply neg_integral, smul_integral; [exact Iq|now apply H3].
      - apply IH; auto. intros j Hj. apply In1. simpl; auto. }
    apply G; auto. apply incl_refl.
  - intros i Hi k Hk. rewrite ssub_def. unfold sadd, sneg. assert (X := Lw i Hi k Hk).
    assert (Y : srep (smul q (rr i) k) 0).
    { apply (smul_null k q (rr i) 0 v); [intros l Hl; apply Iq; lia|intros l Hl; apply (IR rr r i Hr Hi); lia|intros; lia|intros; now apply Lr|lia]. }
    assert (S := r_plus _ _ _ _ X (r_opp _ _ Y)). exact S.
Qed.

Definition leading (t : nat) (a : series) : Prop := (forall k, (k < t)%nat -> srep (a k) 0) /\ exists z, unit_mod m z /\ srep (a t) z.
Lemma leading_mul i j a b : (i + j <= N)%nat -> in_ring a -> in_ring b -> leading i a -> leading j b -> leading (i + j) (smul a b).
Proof.
  intros L Ia Ib [La (x & Ux & Hx)] [Lb (y & Uy & Hy)]. split.
  - intros k Hk. apply (smul_null k a b i j); auto; intros l Hl; [apply Ia|apply Ib]; lia.
  - exists (x * y)%Z. split; [now apply unit_mul|].
    assert (G : forall n a i, integral_upto n a -> (forall k, (k < i)%nat -> srep (a k) 0) -> (i + j <= n)%nat -> integral_upto n b ->
       srep (a i) x -> srep (smul a b (i + j)%nat) (x * y)).
    { clear a Ia La Hx i L. intros n a i; revert n a; induction i as [|i IH]; intros n a Ia La L In_b Hx.
      - cbn [Nat.add]. unfold smul. destruct j as [|j']; [now apply r_times|]. change (srep (a 0%nat * b (S j') + smulr (stail a) b j') (x * y)).
        assert (Y : srep (smul (stail a) b j') 0).
        { apply (smul_null j' _ _ 0 (S j')); [intros l Hl; apply Ia; lia|intros l Hl; apply In_b; lia|intros; lia|exact Lb|lia]. }
        assert (S := r_plus _ _ _ _ (r_times _ _ _ _ Hx Hy) Y). now rewrite Z.add_0_r in S.
      - change (srep (a 0%nat * b (S (i + j)) + smul (stail a) b (i + j)%nat) (x * y)).
        assert (X : srep (smul (stail a) b (i + j)%nat) (x * y)).
        { apply (IH (pred n)); [intros l Hl; apply Ia; lia|intros l Hl; apply La; lia|lia|intros l Hl; apply In_b; lia|exact Hx]. }
        destruct (In_b (S (i + j)) ltac:(lia)) as (w & Hw).
        assert (S := r_plus _ _ _ _ (rel_null _ _ (La 0%nat ltac:(lia)) _ Hw) X). exact S. }
    apply (G N); auto.
Qed.

Definition Stri := tri series in_ring in_ideal cs.
Definition Spivots := pivots series (scst 1) smul.
Theorem selim_sound inv fuel : forall v rows (Good : Sdvec -> Prop), closed Good ->
  (forall r, In r rows -> exists w, Good w /\ srow w r /\ low v w) ->
  (total (selim inv fuel v rows) <= N)%nat ->
  exists ps cols, length ps = length (selim inv fuel v rows) /\ (forall p, In p ps -> Good p) /\ Stri ps cols /\
    in_ring (Spivots ps cols) /\ leading (total (selim inv fuel v rows)) (Spivots ps cols).
Proof.
  assert (Base : forall Good : Sdvec -> Prop, exists ps cols, length ps = 0%nat /\ (forall p, In p ps ->
    Good p) /\ Stri ps cols /\ in_ring (Spivots ps cols) /\ leading 0 (Spivots ps cols)).
  { intros Good. exists [], []. split; [easy|]. split; [easy|]. split; [constructor|]. split; [apply (cst_integral N 1 1), (r_int 1)|].
    split; [intros; lia|]. exists 1%Z. split; [apply unit_1|apply (r_int 1)]. }
  induction fuel as [|fuel IH]; intros v rows Good Hc Hr HT; cbn [selim] in *; [apply Base|].
  destruct (Nat.leb_spec K v) as [Lv|Lv]; [apply Base|].
  destruct (find_pivot inv v rows []) as [[[[others r] c] u]|] eqn:Ef.
  - destruct (find_pivot_ok _ _ _ _ _ _ _ _ Ef) as (Hin & Ho & Hu). cbv zeta in *.
    destruct (forallb (fun w => forallb (fun z => Z.eqb z 0) (nth c w [1%Z])) (map (reduce_row v c u r) others)) eqn:Ez; [|apply Base].
    cbn [total fold_right length] in *. fold (total (selim inv fuel v (map (reduce_row v c u r) others))) in *.
    destruct (Hr r Hin) as (rr & Gr & Sr & Lr).
    apply unit_at_ok in Hu as (_ & z & Enz & Uz). rewrite Nat.sub_0_r in Enz.
    destruct (srow_nth _ _ _ _ Sr Enz) as (kc & Ekc & Ikc & Hkc).
    assert (HU : exists z, unit_mod m z /\ srep (rr kc v) z).
    { exists (nth v z 0%Z). split; [|apply Hkc; lia]. exists u, (nth v z 0%Z * u / m)%Z. rewrite (Z_div_mod_eq_full (nth v z 0%Z * u) m) at 1. rewrite Uz.
      ring. }
    destruct (IH v (map (reduce_row v c u r) others) (fun w => Good w /\ in_ring (w kc) /\ in_ideal (w kc))) as (ps & cols & Lp & Gp & Tp & Ip & Dp).
    + intros p q w Hq (Gp & _ & Ip) (Gw & Rw & Iw). split; [now apply Hc|]. rewrite ssub_def.
      assert (Rp : in_ring (p kc)) by (intros k Hk; exists 0%Z; now apply Ip). split; [apply add_integral; auto; now apply neg_integral, smul_integral|].
      intros k Hk. unfold sadd, sneg. assert (Y : srep (smul q (p kc) k) 0).
      { apply (smul_null k q (p kc) 0 (S k)); [intros l Hl; apply Hq; lia|intros l Hl; apply Rp; lia|intros; lia|intros l Hl; apply Ip; lia|lia]. }
      exact (r_plus _ _ _ _ (Iw k Hk) (r_opp _ _ Y)).
    + intros x Hx. apply in_map_iff in Hx as (w & <- & Hw). destruct (Ho w Hw) as [Hw'|[]]. destruct (Hr w Hw') as (ww & Gw & Sw & Lw).
      rewrite forallb_forall in Ez. specialize (Ez (reduce_row v c u r w) ltac:(apply in_map; exact Hw)).
      destruct (reduce_ok v c u r w rr ww kc Lv Sr Sw Lr Lw Ekc HU Ez) as (q & Iq & S' & L' & I').
      exists (fun i => ssub (ww i) (smul q (rr i))). split; [|split; assumption]. split; [now apply Hc|]. split; [|exact I'].
      intros k Hk. exists 0%Z. now apply I'.
    + lia.
    + assert (RR : forall i, In i cs -> in_ring (rr i)) by (intros i Hi; now apply (srow_ring rr r)).
      exists (rr :: ps), (kc :: cols). split; [simpl; now rewrite Lp|]. split; [intros p [<-|Hp]; [exact Gr|now apply Gp]|]. split; [|split].
      * apply tri_cons; auto. intros q Hq. now apply Gp.
      * change (Spivots (rr :: ps) (kc :: cols)) with (smul (rr kc) (Spivots ps cols)). apply smul_integral; [exact (RR kc Ikc)|exact Ip].
      * change (Spivots (rr :: ps) (kc :: cols)) with (smul (rr kc) (Spivots ps cols)).
        apply leading_mul; [exact HT|exact (RR kc Ikc)|exact Ip| |exact Dp]. split; [exact (Lr kc Ikc)|exact HU].
  - destruct (forallb (forallb (fun z => Z.eqb (nth v z 0%Z) 0)) rows) eqn:E0; [|apply Base].
    apply (IH (S v)); auto. intros r Hin. destruct (Hr r Hin) as (w & Gw & Sw & Lw). exists w. split; [easy|]. split; [easy|].
    intros i Hi k Hk. destruct (Nat.eq_dec k v) as [->|D]; [|apply Lw; [exact Hi|lia]].
    rewrite forallb_forall in E0. specialize (E0 r Hin). rewrite forallb_forall in E0.
    assert (X := srow_mem w r i Sw Hi).
    destruct X as (z & Iz & [_ Hz]). specialize (E0 z Iz). apply Z.eqb_eq in E0. assert (Y := Hz v ltac:(lia) Lv). now rewrite E0 in Y.
Qed.

Corollary selim_lindep inv fuel rows (Good : Sdvec -> Prop) : closed Good -> (forall r, In r rows -> exists w, Good w /\ srow w r) ->
  (total (selim inv fuel 0 rows) <= N)%nat ->
  exists ps, length ps = length (selim inv fuel 0 rows) /\ (forall p, In p ps -> Good p) /\ Slindep cs ps.
Proof.
  intros Hc Hr HT. destruct (selim_sound inv fuel 0 rows Good Hc) as (ps & cols & L & G & T & _ & [_ (z & Uz & Hz)]); [|exact HT|].
  - intros r Hin. destruct (Hr r Hin) as (w & A & B). exists w. split; [easy|]. split; [easy|]. intros i _ k Hk. lia.
  - exists ps. split; [exact L|]. split; [exact G|].
    apply (tri_lindep series (scst 0) (scst 1) sadd smul ssub sneg S_ring S_integral in_ring in_ideal) with (cs := cols).
    + apply (cst_integral N 0 0), (r_int 0).
    + apply (cst_integral N 1 1), (r_int 1).
    + intros; now apply add_integral.
    + intros; now apply smul_integral.
    + intros; now apply neg_integral.
    + intros k _. destruct k; apply (r_int 0).
    + intros a b Ha Hb k Hk. unfold sadd. exact (r_plus _ _ _ _ (Ha k Hk) (Hb k Hk)).
    + intros a b Ha Hb k Hk. apply (smul_null k a b 0 (S k)); [intros l Hl; apply Ha; lia|intros l Hl; exists 0%Z; apply Hb; lia|intros; lia|intros l Hl;
      apply Hb; lia|lia].
    + exact T.
    + intros I. specialize (I _ HT). apply (r_nonzero _ _ (r_plus _ _ _ _ Hz I)).
      * now rewrite Z.add_0_r.
      * unfold sneg, Spivots. ring.
Qed.
End Trunc.
