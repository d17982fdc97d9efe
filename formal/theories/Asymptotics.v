(** * Functions of t near 0 and the coefficients of their expansions: f(t) = c_0 + c_1 t + ... + c_n t^n + O(t^(n+1)). *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Elementary Bell.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

(** ** Near 0 *)
Definition near0 (P : R -> Prop) : Prop := exists e, 0 < e /\ forall t, Rabs t < e -> P t.
Lemma near0_all (P : R -> Prop) : (forall t, P t) -> near0 P.
Proof. intros H. exists 1. split; [lra|auto]. Qed.
Lemma near0_and P Q : near0 P -> near0 Q -> near0 (fun t => P t /\ Q t).
Proof.
  intros (a & Ha & HP) (b & Hb & HQ). exists (Rmin a b). split; [now apply Rmin_pos|]. intros t Ht.
  split; [apply HP|apply HQ]; (eapply Rlt_le_trans; [exact Ht|]); [apply Rmin_l|apply Rmin_r].
Qed.
Lemma near0_imp (P Q : R -> Prop) : (forall t, P t -> Q t) -> near0 P -> near0 Q.
Proof. intros H (a & Ha & HP). exists a. auto. Qed.
Lemma near0_0 P : near0 P -> P 0.
Proof. intros (a & Ha & HP). apply HP. now rewrite Rabs_R0. Qed.
Lemma near0_small a : 0 < a -> near0 (fun t => Rabs t < a).
Proof. intros H. now exists a. Qed.
Lemma near0_in (P Q : R -> Prop) : near0 P -> near0 (fun t => P t -> Q t) -> near0 Q.
Proof. intros A B. refine (near0_imp _ _ _ (near0_and _ _ A B)). intros t [C D]. auto. Qed.
Definition bounded (f : R -> R) : Prop := exists B, 0 <= B /\ near0 (fun t => Rabs (f t) <= B).
Lemma bounded_plus f g : bounded f -> bounded g -> bounded (fun t => f t + g t).
Proof.
  intros (A & HA & Ha) (B & HB & Hb). exists (A + B). split; [lra|]. refine (near0_imp _ _ _ (near0_and _ _ Ha Hb)). intros t [C D].
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.
Lemma bounded_mult f g : bounded f -> bounded g -> bounded (fun t => f t * g t).
Proof.
  intros (A & HA & Ha) (B & HB & Hb). exists (A * B). split; [nra|]. refine (near0_imp _ _ _ (near0_and _ _ Ha Hb)). intros t [C D].
  rewrite Rabs_mult. apply Rmult_le_compat; auto; apply Rabs_pos.
Qed.
Lemma bounded_const c : bounded (fun _ => c).
Proof. exists (Rabs c). split; [apply Rabs_pos|]. apply near0_all. intros _. apply Rle_refl. Qed.
Lemma bounded_id : bounded (fun t => t).
Proof. exists 1. split; [lra|]. refine (near0_imp _ _ _ (near0_small 1 Rlt_0_1)). intros t H. now left. Qed.
Lemma bounded_near f g : near0 (fun t => f t = g t) -> bounded f -> bounded g.
Proof. intros E (B & HB & Hb). exists B. split; [exact HB|]. refine (near0_imp _ _ _ (near0_and _ _ E Hb)). now intros t [-> D]. Qed.
(** t g(t) is small *)
Lemma vanishing g e : bounded g -> 0 < e -> near0 (fun t => Rabs (t * g t) < e).
Proof.
  intros (B & HB & Hb) He. assert (P : 0 < e / (B + 1)) by (apply Rdiv_lt_0_compat; lra).
  refine (near0_imp _ _ _ (near0_and _ _ Hb (near0_small _ P))). intros t [C D]. rewrite Rabs_mult.
  assert (Q := Rabs_pos t). assert (Q' := Rabs_pos (g t)).
  apply (Rle_lt_trans _ (Rabs t * (B + 1))); [nra|]. apply (Rmult_lt_compat_r (B + 1)) in D; [|lra]. replace (e / (B + 1) * (B + 1)) with e in D by (field; lra). exact D.
Qed.

(** ** Series over a number system *)
Section Series.
Variable K : numbers.
Let T := carrier K.

Fixpoint expands (f : R -> R) (l : list T) : Prop :=
  match l with
  | [] => bounded f
  | a :: l' => exists c g, stands K c a /\ expands g l' /\ near0 (fun t => f t = c + t * g t)
  end.
Lemma expands_near l f g : near0 (fun t => f t = g t) -> expands f l -> expands g l.
Proof.
  destruct l as [|a l]; cbn [expands]; intros E; [now apply bounded_near|]. intros (c & h & A & B & C). exists c, h. split; [exact A|split; [exact B|]].
  refine (near0_imp _ _ _ (near0_and _ _ E C)). now intros t [-> D].
Qed.
Lemma expands_same l f g : (forall t, f t = g t) -> expands f l -> expands g l.
Proof. intros H. apply expands_near. now apply near0_all. Qed.
Lemma expands_bounded l : forall f, expands f l -> bounded f.
Proof.
  induction l as [|a l IH]; cbn [expands]; intros f H; [exact H|]. destruct H as (c & g & _ & B & C).
  apply (bounded_near (fun t => c + t * g t)); [refine (near0_imp _ _ _ C); now intros t ->|].
  apply bounded_plus; [apply bounded_const|]. apply bounded_mult; [apply bounded_id|now apply IH].
Qed.

Fixpoint s_add (l l' : list T) : list T := match l, l' with a :: k, b :: k' => add K a b :: s_add k k' | _, _ => [] end.
Lemma s_add_ok l : forall l' f g, expands f l -> expands g l' -> expands (fun t => f t + g t) (s_add l l').
Proof.
  induction l as [|a l IH]; intros [|b l'] f g Hf Hg; cbn [s_add]; try (apply bounded_plus; eapply expands_bounded; eassumption).
  destruct Hf as (c & f1 & A1 & A2 & A3). destruct Hg as (d & g1 & B1 & B2 & B3). exists (c + d), (fun t => f1 t + g1 t).
  split; [now apply add_ok|split; [now apply IH|]]. refine (near0_imp _ _ _ (near0_and _ _ A3 B3)). intros t [-> ->]. ring.
Qed.
Definition s_scale (a : T) (l : list T) : list T := map (mul K a) l.
Lemma s_scale_ok a c l : stands K c a -> forall f, expands f l -> expands (fun t => c * f t) (s_scale a l).
Proof.
  intros Ha. induction l as [|b l IH]; intros f Hf; cbn [s_scale map].
  - apply bounded_mult; [apply bounded_const|exact Hf].
  - destruct Hf as (d & g & A & B & C). exists (c * d), (fun t => c * g t). split; [now apply mul_ok|split; [now apply IH|]].
    refine (near0_imp _ _ _ C). intros t ->. ring.
Qed.
Fixpoint s_mul (l l' : list T) : list T :=
  match l, l' with a :: k, b :: k' => mul K a b :: s_add (s_scale a k') (s_mul k l') | _, _ => [] end.
Lemma s_mul_ok l : forall l' f g, expands f l -> expands g l' -> expands (fun t => f t * g t) (s_mul l l').
Proof.
  induction l as [|a l IH]; intros l' f g Hf Hg; [apply bounded_mult; eapply expands_bounded; eassumption|].
  destruct l' as [|b l']; [apply bounded_mult; eapply expands_bounded; eassumption|]. cbn [s_mul].
  assert (Hg' := Hg). destruct Hf as (c & f1 & A1 & A2 & A3). destruct Hg as (d & g1 & B1 & B2 & B3).
  exists (c * d), (fun t => c * g1 t + f1 t * g t). split; [now apply mul_ok|]. split.
  - apply s_add_ok; [now apply s_scale_ok|now apply IH].
  - refine (near0_imp _ _ _ (near0_and _ _ A3 B3)). intros t [-> E]. rewrite E. ring.
Qed.
(** a constant *)
Definition s_constant (n : nat) (a : T) : list T := match n with O => [] | S n => a :: repeat (zero K) n end.
Lemma expands_zero n : expands (fun _ => 0) (repeat (zero K) n).
Proof.
  induction n as [|n IH]; [apply bounded_const|]. exists 0, (fun _ => 0). split; [apply zero_ok|split; [exact IH|]]. apply near0_all. intros t. ring.
Qed.
Lemma s_constant_ok n a c : stands K c a -> expands (fun _ => c) (s_constant n a).
Proof.
  intros H. destruct n as [|n]; [apply bounded_const|]. exists c, (fun _ => 0). split; [exact H|split; [apply expands_zero|]]. apply near0_all. intros t. ring.
Qed.
(** the inverse: 1/f = 1/c - t g / (c f) *)
Fixpoint s_inverse (n : nat) (i : T) (minus_i : T) (k : list T) : list T :=
  match n with O => [] | S n => i :: s_scale minus_i (s_mul k (s_inverse n i minus_i k)) end.
Lemma s_inverse_ok n : forall f g c i mi k, c <> 0 -> stands K (/ c) i -> stands K (- / c) mi -> expands g k -> near0 (fun t => f t = c + t * g t) ->
  near0 (fun t => f t <> 0) -> expands (fun t => / f t) (s_inverse n i mi k).
Proof.
  induction n as [|n IH]; intros f g c i mi k Hc Hi Hm Hg E N; cbn [s_inverse].
  - assert (P : 0 < Rabs c / 2) by (assert (X := Rabs_pos_lt c Hc); lra). exists (/ (Rabs c / 2)). split; [left; now apply Rinv_0_lt_compat|].
    refine (near0_imp _ _ _ (near0_and _ _ E (near0_and _ _ N (vanishing g _ (expands_bounded _ _ Hg) P)))). intros t (C & D & V). rewrite Rabs_inv by exact D.
    apply Rinv_le_contravar; [exact P|]. rewrite C. assert (X := Rabs_triang_inv c (- (t * g t))). rewrite Rabs_Ropp in X. replace (c - - (t * g t)) with (c + t * g t) in X by ring. lra.
  - exists (/ c), (fun t => - / c * (g t * / f t)). split; [exact Hi|]. split; [apply s_scale_ok; [exact Hm|]; apply s_mul_ok; [exact Hg|now apply (IH f g c)]|].
    refine (near0_imp _ _ _ (near0_and _ _ E N)). intros t [C D]. assert (X : t * g t = f t - c) by lra.
    replace (/ c + t * (- / c * (g t * / f t))) with (/ c - / c * (t * g t) * / f t) by ring. rewrite X. field. now split.
Qed.
Lemma expands_unit f c g : c <> 0 -> bounded g -> near0 (fun t => f t = c + t * g t) -> near0 (fun t => f t <> 0).
Proof.
  intros Hc Hg E. refine (near0_imp _ _ _ (near0_and _ _ E (vanishing g _ Hg (Rabs_pos_lt c Hc)))). intros t [-> V] Z.
  assert (c = - (t * g t)) by lra. rewrite H, Rabs_Ropp in V. lra.
Qed.
(** composition with a series without constant term *)
Fixpoint s_compose (js l : list T) : list T :=
  match js, l with j :: js', _ :: k => j :: s_mul k (s_compose js' l) | _, _ => [] end.
Lemma s_compose_ok js : forall s l f, expands s js -> expands f l -> l <> [] -> f 0 = 0 -> expands (fun t => s (f t)) (s_compose js l).
Proof.
  induction js as [|j js IH]; intros s l f Hs Hf Hl H0.
  - destruct l as [|a k]; [easy|]. destruct Hf as (c & g & A & B & C). assert (C0 := near0_0 _ C). cbv beta in C0. assert (c = 0) as -> by lra.
    destruct Hs as (D & HD & e & He & Hs). exists D. split; [exact HD|].
    refine (near0_imp _ _ _ (near0_and _ _ C (vanishing g e (expands_bounded _ _ B) He))). intros t [-> V]. apply Hs. now rewrite Rplus_0_l.
  - destruct l as [|a k]; [easy|]. cbn [s_compose]. assert (Hf' := Hf). destruct Hf as (c & g & A & B & C). assert (C0 := near0_0 _ C). cbv beta in C0.
    assert (c = 0) as -> by lra. destruct Hs as (d & h & A' & B' & e & He & C').
    exists d, (fun t => g t * h (f t)). split; [exact A'|]. split; [apply s_mul_ok; [exact B|now apply IH]|].
    refine (near0_imp _ _ _ (near0_and _ _ C (vanishing g e (expands_bounded _ _ B) He))). intros t [E V].
    rewrite C' by (rewrite E, Rplus_0_l; exact V). rewrite E at 1. ring.
Qed.

(** ** Integration *)
Fixpoint horner (cs : list R) (t : R) : R := match cs with [] => 0 | c :: cs' => c + t * horner cs' t end.
Definition close (f : R -> R) (cs : list R) : Prop :=
  exists B, 0 <= B /\ near0 (fun t => Rabs (f t - horner cs t) <= B * Rabs t ^ length cs).
Lemma expands_close l : forall f, expands f l -> exists cs, Forall2 (stands K) cs l /\ close f cs.
Proof.
  induction l as [|a l IH]; cbn [expands]; intros f H.
  - exists []. split; [constructor|]. destruct H as (B & HB & H). exists B. split; [exact HB|]. refine (near0_imp _ _ _ H). intros t Ht. cbn. rewrite Rminus_0_r. lra.
  - destruct H as (c & g & A & B & C). destruct (IH g B) as (cs & D & M & HM & E). exists (c :: cs). split; [now constructor|]. exists M. split; [exact HM|].
    refine (near0_imp _ _ _ (near0_and _ _ C E)). intros t [-> F]. cbn [horner length pow].
    replace (c + t * g t - (c + t * horner cs t)) with (t * (g t - horner cs t)) by ring. rewrite Rabs_mult. assert (P := Rabs_pos t). nra.
Qed.
Lemma close_expands cs : forall l f, Forall2 (stands K) cs l -> close f cs -> expands f l.
Proof.
  induction cs as [|c cs IH]; intros l f H (B & HB & Hc); inversion H as [|? a ? l' Hst Hrest]; subst; cbn [expands].
  - exists B. split; [exact HB|]. refine (near0_imp _ _ _ Hc). intros t Ht. cbn in Ht. rewrite Rminus_0_r in Ht. lra.
  - set (g := fun t => if Req_EM_T t 0 then horner cs 0 else (f t - c) / t). exists c, g. split; [exact Hst|]. split.
    + apply (IH l' g Hrest). exists B. split; [exact HB|]. refine (near0_imp _ _ _ Hc). intros t Ht. unfold g. destruct (Req_EM_T t 0) as [->|N].
      * rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply Rmult_le_pos; [exact HB|]. apply pow_le. lra.
      * cbn [horner length pow] in Ht. assert (P := Rabs_pos_lt t N). apply (Rmult_le_reg_l (Rabs t)); [exact P|]. rewrite <- Rabs_mult.
        replace (t * ((f t - c) / t - horner cs t)) with (f t - (c + t * horner cs t)) by (field; exact N). lra.
    + refine (near0_imp _ _ _ Hc). intros t Ht. unfold g. destruct (Req_EM_T t 0) as [->|N]; [|field; exact N].
      cbn [horner length pow] in Ht. rewrite Rabs_R0, !Rmult_0_l, Rmult_0_r, Rplus_0_r in Ht. assert (P := Rabs_pos (f 0 - c)).
      destruct (Req_dec (f 0 - c) 0) as [Z|Z]; [lra|]. apply Rabs_no_R0 in Z. lra.
Qed.
Fixpoint integral_coefficients (k : positive) (cs : list R) : list R :=
  match cs with [] => [] | c :: cs' => c * Q2R (1 # k) :: integral_coefficients (Pos.succ k) cs' end.
Lemma q_unit k : Q2R (1 # k) * INR (Pos.to_nat k) = 1.
Proof. rewrite q_fraction. field. apply Rgt_not_eq, lt_0_INR. lia. Qed.
Ltac real_ring := match goal with |- @eq _ ?a ?b => change (@eq R a b) end; ring.
Lemma integral_derive cs : forall k t, is_derive (fun t => t ^ Pos.to_nat k * horner (integral_coefficients k cs) t) t (t ^ pred (Pos.to_nat k) * horner cs t).
Proof.
  induction cs as [|c cs IH]; intros k t; cbn [integral_coefficients horner].
  - apply (is_derive_ext (fun _ => 0)); [intros u; real_ring|]. rewrite Rmult_0_r. apply @is_derive_const.
  - apply (is_derive_ext (fun t => c * Q2R (1 # k) * t ^ Pos.to_nat k + t ^ Pos.to_nat (Pos.succ k) * horner (integral_coefficients (Pos.succ k) cs) t)).
    { intros u. rewrite Pos2Nat.inj_succ. cbn [pow]. real_ring. }
    replace (t ^ pred (Pos.to_nat k) * (c + t * horner cs t))
      with (plus (c * Q2R (1 # k) * (INR (Pos.to_nat k) * 1 * t ^ pred (Pos.to_nat k))) (t ^ pred (Pos.to_nat (Pos.succ k)) * horner cs t)).
    + apply @is_derive_plus; [|apply IH]. apply (is_derive_scal (fun t => t ^ Pos.to_nat k)). apply (is_derive_pow (fun t => t) (Pos.to_nat k)). apply @is_derive_id.
    + rewrite Pos2Nat.inj_succ. cbn [pred]. assert (U := q_unit k). destruct (Pos2Nat.is_succ k) as [j Hj]. rewrite Hj in *. cbn [pred pow].
      change (c * Q2R (1 # k) * (INR (S j) * 1 * t ^ j) + t * t ^ j * horner cs t = t ^ j * (c + t * horner cs t)).
      replace (c * Q2R (1 # k) * (INR (S j) * 1 * t ^ j)) with (c * (Q2R (1 # k) * INR (S j)) * t ^ j) by ring. rewrite U. ring.
Qed.
Lemma integral_length cs : forall k, length (integral_coefficients k cs) = length cs.
Proof. induction cs as [|c cs IH]; intros k; cbn; [reflexivity|]. now rewrite IH. Qed.
Lemma close_integral F F' cs : near0 (fun z => is_derive F z (F' z)) -> close F' cs -> close F (F 0 :: integral_coefficients 1 cs).
Proof.
  intros (d & Hd & D) (B & HB & e & He & C). exists B. split; [exact HB|]. exists (Rmin d e). split; [now apply Rmin_pos|]. intros t Ht.
  assert (Ht1 := Rlt_le_trans _ _ _ Ht (Rmin_l d e)). assert (Ht2 := Rlt_le_trans _ _ _ Ht (Rmin_r d e)).
  set (G := fun z => F z - z ^ Pos.to_nat 1 * horner (integral_coefficients 1 cs) z).
  assert (Small : forall z, Rmin 0 t <= z <= Rmax 0 t -> Rabs z <= Rabs t).
  { intros z [Z1 Z2]. unfold Rmin, Rmax in Z1, Z2. destruct (Rle_dec 0 t); [rewrite !Rabs_pos_eq by lra|rewrite !Rabs_left1 by lra]; lra. }
  assert (DG : forall z, Rmin 0 t <= z <= Rmax 0 t -> is_derive G z (F' z - horner cs z)).
  { intros z Hz. assert (Y := integral_derive cs 1 z). change (pred (Pos.to_nat 1)) with 0%nat in Y. cbn [pow] in Y. rewrite Rmult_1_l in Y.
    apply @is_derive_minus; [|exact Y]. apply D. assert (X := Small z Hz). lra. }
  destruct (MVT_gen G 0 t (fun z => F' z - horner cs z)) as (z & Hz & E).
  - intros z Hz. apply DG. lra.
  - intros z Hz. apply continuity_pt_filterlim, (ex_derive_continuous G). eexists. now apply DG.
  - unfold G in E. change (Pos.to_nat 1) with 1%nat in E. cbn [horner length]. rewrite integral_length. cbn [pow] in *.
    assert (X : F t - (F 0 + t * horner (integral_coefficients 1 cs) t) = (F' z - horner cs z) * t) by lra. rewrite X, Rabs_mult.
    assert (S := Small z Hz). assert (Y := C z ltac:(lra)). assert (W : Rabs z ^ length cs <= Rabs t ^ length cs) by (apply pow_incr; split; [apply Rabs_pos|exact S]).
    replace (B * (Rabs t * Rabs t ^ length cs)) with (B * Rabs t ^ length cs * Rabs t) by ring. apply Rmult_le_compat_r; [apply Rabs_pos|].
    eapply Rle_trans; [exact Y|]. now apply Rmult_le_compat_l.
Qed.
Fixpoint s_divide (k : positive) (l : list T) : option (list T) :=
  match l with
  | [] => Some []
  | a :: l' => match of_q K (1 # k), s_divide (Pos.succ k) l' with Some i, Some r => Some (mul K a i :: r) | _, _ => None end
  end.
Lemma s_divide_ok l : forall k l' cs, s_divide k l = Some l' -> Forall2 (stands K) cs l -> Forall2 (stands K) (integral_coefficients k cs) l'.
Proof.
  induction l as [|a l IH]; intros k l' cs H F; inversion F; subst; cbn [s_divide integral_coefficients] in *; [injection H as <-; constructor|].
  destruct (of_q K (1 # k)) as [i|] eqn:Ei; [|easy]. destruct (s_divide (Pos.succ k) l) as [r|] eqn:Er; [|easy]. injection H as <-.
  constructor; [apply mul_ok; [assumption|now apply of_q_ok]|now apply IH].
Qed.
Definition s_integral (a : T) (l : list T) : option (list T) := match s_divide 1 l with Some r => Some (a :: r) | None => None end.
Lemma s_integral_ok F F' a l l' : near0 (fun z => is_derive F z (F' z)) -> stands K (F 0) a -> expands F' l -> s_integral a l = Some l' -> expands F l'.
Proof.
  unfold s_integral. intros D Ha Hl H. destruct (s_divide 1 l) as [r|] eqn:E; [|easy]. injection H as <-.
  destruct (expands_close l F' Hl) as (cs & A & B). apply (close_expands (F 0 :: integral_coefficients 1 cs)); [|now apply (close_integral F F')].
  constructor; [exact Ha|]. exact (s_divide_ok l 1 r cs E A).
Qed.

(** ** A coefficient that is not 0 *)
Lemma expands_nonzero l : forall f k a e, expands f l -> nth_error l k = Some a -> (forall c, stands K c a -> c <> 0) -> 0 < e ->
  exists t, 0 < Rabs t < e /\ f t <> 0.
Proof.
  induction l as [|b l IH]; intros f k a e Hf Hk Hn He; [now destruct k|]. destruct Hf as (c & g & A & B & d & Hd & C). destruct (Req_dec c 0) as [->|Nc].
  - destruct k as [|k]; [injection Hk as ->; now destruct (Hn 0 A)|]. destruct (IH g k a (Rmin d e) B Hk Hn ltac:(now apply Rmin_pos)) as (t & Ht & G).
    assert (T1 := Rmin_l d e). assert (T2 := Rmin_r d e). exists t. split; [lra|]. rewrite C, Rplus_0_l by lra. apply Rmult_integral_contrapositive_currified; [|exact G].
    intros ->. rewrite Rabs_R0 in Ht. lra.
  - destruct (expands_unit f c g Nc (expands_bounded _ _ B)) as (h & Hh & N); [now exists d|]. exists (Rmin h e / 2). assert (P := Rmin_pos h e Hh He).
    assert (T1 := Rmin_l h e). assert (T2 := Rmin_r h e). rewrite Rabs_pos_eq by lra. split; [lra|]. apply N. rewrite Rabs_pos_eq; lra.
Qed.
End Series.
